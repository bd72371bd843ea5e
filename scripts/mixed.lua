-- Readings can be changed before they become a face: what was read of the
-- sentence, ten years later and twice as surprised.
--
--   atelier run scripts/mixed.lua text="she smiles at the letter" out=out

local out = args.out or "out"
local reading = read(args.text or "she smiles at the letter")
portrait { reading = reading, seed = 5 }:save(out .. "/before.png")

reading.age = math.min(reading.age + 10, 90)
reading.emotion.surprised = math.min(reading.emotion.surprised * 2 + 0.1, 1)
portrait { reading = reading, seed = 5 }:save(out .. "/after.png")
