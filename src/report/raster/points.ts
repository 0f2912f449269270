/** Stamps discs on a raster of palette indices; later points cover earlier ones. */
export class PointRaster {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
  readonly #stamp: [number, number][]

  /** Pixels of the raster and the radius of a disc, in pixels. */
  constructor(width: number, height: number, radius: number) {
    this.width = width
    this.height = height
    this.pixels = new Uint8Array(width * height)
    this.#stamp = []
    const reach = Math.ceil(radius)
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) if (dx * dx + dy * dy <= radius * radius) this.#stamp.push([dx, dy])
  }

  put(x: number, y: number, index: number): void {
    const cx = Math.round(x)
    const cy = Math.round(y)
    for (const [dx, dy] of this.#stamp) {
      const px = cx + dx
      const py = cy + dy
      if (px >= 0 && px < this.width && py >= 0 && py < this.height) this.pixels[py * this.width + px] = index
    }
  }
}
