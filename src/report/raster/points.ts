/** Stamps discs on a raster of palette indices; later points cover earlier ones. */
export class PointRaster {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
  readonly #stamp: [number, number][]
  /** The index last put at a centre: most points of a dense scan fall where one of their kind already lies. */
  readonly #centres: Uint8Array

  /** Pixels of the raster and the radius of a disc, in pixels. */
  constructor(width: number, height: number, radius: number) {
    this.width = width
    this.height = height
    this.pixels = new Uint8Array(width * height)
    this.#stamp = []
    this.#centres = new Uint8Array(width * height)
    const reach = Math.ceil(radius)
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) if (dx * dx + dy * dy <= radius * radius) this.#stamp.push([dx, dy])
  }

  put(x: number, y: number, index: number): void {
    const cx = Math.round(x)
    const cy = Math.round(y)
    if (cx >= 0 && cx < this.width && cy >= 0 && cy < this.height) {
      const centre = cy * this.width + cx
      if (this.#centres[centre] === index) return
      this.#centres[centre] = index
    }
    for (const [dx, dy] of this.#stamp) {
      const px = cx + dx
      const py = cy + dy
      if (px >= 0 && px < this.width && py >= 0 && py < this.height) this.pixels[py * this.width + px] = index
    }
  }
}
