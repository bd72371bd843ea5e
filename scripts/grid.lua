-- One person on a contact sheet: a row for each feeling, a column for each age.
-- With a style the faces are painted.
--
--   atelier run scripts/grid.lua seed=3 gender=woman style=sketch out=out

local seed = tonumber(args.seed or 3)
local gender = args.gender or "woman"
local out = args.out or "out"
local ages = { 20, 40, 60, 80 }
local feelings = { "neutral", "happy", "sad", "angry", "surprised" }

local rows = {}
for i, feeling in ipairs(feelings) do
  rows[i] = {}
  for k, age in ipairs(ages) do
    local face = portrait { emotion = feeling, age = age, gender = gender, seed = seed, truncation = 0.8, size = 256 }
    if args.style then face = face:style(args.style, 0.7) end
    rows[i][k] = face
  end
end
sheet { pictures = rows, columns = ages, rows = feelings, note = "seed " .. seed, size = 192 }
  :save(out .. "/grid.png")
