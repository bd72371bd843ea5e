-- A photograph painted three times, more strongly each time.
--
--   atelier run scripts/paint.lua photo=holiday.jpg style=cubism out=out

local photo = image(args.photo or error("name a photograph: photo=holiday.jpg", 0))
local style = args.style or "impressionism"
local out = args.out or "out"

for i, intensity in ipairs { 0.5, 1, 1.5 } do
  photo:style(style, intensity):save(string.format("%s/%s-%d.png", out, style, i))
end
