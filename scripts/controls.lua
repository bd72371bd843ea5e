-- One photograph under the controls of a painting.
--
--   atelier run scripts/controls.lua photo=holiday.jpg style=cubism out=out

local photo = image(args.photo or error("name a photograph: photo=holiday.jpg", 0))
local style = args.style or "impressionism"
local out = args.out or "out"

for _, stroke in ipairs { 0.5, 1, 2, 4 } do
  photo:style { name = style, stroke = stroke }:save(string.format("%s/stroke-%g.png", out, stroke))
end
for _, keep in ipairs { "luminance", "histogram" } do
  photo:style { name = style, keep = keep }:save(string.format("%s/%s.png", out, keep))
end
photo:style { name = style, size = 2048 }:save(out .. "/large.png")
if args.reference then -- in the manner of a painting
  photo:style { reference = args.reference }:save(out .. "/reference.png")
end
