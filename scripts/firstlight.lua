-- First light: a sentence becomes a portrait, the portrait becomes a painting.
--
--   atelier run scripts/firstlight.lua text="an angry young woman" style=cubism seed=7 out=out

local text = args.text or "a joyful old man who just met his grandchild"
local style = args.style or "impressionism"
local intensity = tonumber(args.intensity or 0.7) -- enough for paint, and the face keeps its feeling
local seed = tonumber(args.seed or 1)
local out = args.out or "out"

local reading = read(text)
print(reading)

local face = portrait { reading = reading, seed = seed }
face:save(out .. "/portrait.png")
face:style(style, intensity):save(out .. "/painting.png")
