/**
 * A place in a BGZF file: the byte where a block begins and the byte of its text. As one 64-bit number (block * 65536 +
 * within) it would lose bits in a double for files above 128 GB, so the halves stay apart.
 */
export interface VirtualOffset {
  readonly block: number
  /** Below 65536. */
  readonly within: number
}

/** Negative, zero or positive as a lies before, at or behind b. */
export function compareVirtual(a: VirtualOffset, b: VirtualOffset): number {
  return a.block - b.block || a.within - b.within
}

export function writeVirtual(view: DataView, at: number, offset: VirtualOffset): void {
  view.setUint32(at, (offset.block % 65536) * 65536 + offset.within, true)
  view.setUint32(at + 4, Math.floor(offset.block / 65536), true)
}

export function readVirtual(view: DataView, at: number): VirtualOffset {
  const low = view.getUint32(at, true)
  return { block: view.getUint32(at + 4, true) * 65536 + Math.floor(low / 65536), within: low % 65536 }
}
