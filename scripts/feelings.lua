-- One face, seven feelings: the same seed under each emotion.
--
--   atelier run scripts/feelings.lua age=30 gender=woman seed=3 out=out

local seed = tonumber(args.seed or 3)
local age = tonumber(args.age or 30)
local gender = args.gender or "woman"
local out = args.out or "out"

local feelings = { "neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised" }
for _, feeling in ipairs(feelings) do
  portrait { emotion = feeling, age = age, gender = gender, seed = seed }
    :save(string.format("%s/%s.png", out, feeling))
end
