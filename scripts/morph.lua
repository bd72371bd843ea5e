-- One person becomes another, cheers up on the way, and goes back again: a GIF.
--
--   atelier run scripts/morph.lua from=3 to=8 frames=25 out=out

local from, to = tonumber(args.from or 3), tonumber(args.to or 8)
local count = tonumber(args.frames or 25)
local out = args.out or "out"

local frames = {}
for i = 1, count do
  local t = (i - 1) / (count - 1)
  frames[i] = portrait {
    seed = from, toward = to, at = t,
    age = 25 + 30 * t, gender = "woman",
    emotion = { neutral = 1 - t, happy = t },
    size = 256,
  }
end
film { frames = frames, rate = 12, bounce = true }:save(out .. "/morph.gif")
