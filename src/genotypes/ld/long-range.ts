// Regions where LD spans megabases (inversions, centromeres, the HLA), in megabases. Price et al. 2008, Am J Hum Genet
// 83:132 and the lists lifted from it; ends are rounded outwards so that one table holds for every build read here.
const regions: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  1: [[47, 53]],
  2: [
    [85, 102],
    [133, 139],
    [182, 191],
  ],
  3: [
    [47, 51],
    [82, 88],
    [89, 98],
  ],
  5: [
    [44, 52],
    [97, 102],
    [128, 133],
    [135, 140],
  ],
  6: [
    [24, 34],
    [56, 65],
    [139, 143],
  ],
  7: [[54, 67]],
  8: [
    [7, 14],
    [42, 50],
    [110, 116],
  ],
  10: [[36, 44]],
  11: [
    [45, 58],
    [87, 92],
  ],
  12: [
    [32, 42],
    [108, 113],
  ],
  20: [[31, 37]],
}

/** True inside a region of long-range LD, where a principal component would describe the region and not ancestry. */
export function inLongRangeLd(chromosome: string, position: number): boolean {
  if (!Object.hasOwn(regions, chromosome)) return false
  return regions[chromosome].some(([from, to]) => position >= from * 1e6 && position <= to * 1e6)
}
