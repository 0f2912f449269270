// Widths of words without a font engine: advance widths by class of character, a little generous so that both Inter
// and DejaVu Sans fit.

const narrow = /[ijltfrI1.,:;'|!()[\]/ ]/
const broad = /[mwMWQ@%—×]/
const capital = /[A-Z0-9−+=<>]/

function advance(character: string): number {
  if (narrow.test(character)) return 0.34
  if (broad.test(character)) return 0.88
  return capital.test(character) ? 0.655 : 0.56
}

/** Pixels that a line of sans text takes, to within about 8%. */
export function textWidth(text: string, size: number): number {
  let width = 0
  for (const c of text) if (c < '\ue000' || c > '\uf8ff') width += advance(c)
  return width * size
}

/** Breaks at spaces so that no line is wider than `width`; a word that is longer stands alone. */
export function wrap(text: string, width: number, size: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`
    if (line !== '' && textWidth(next, size) > width) {
      lines.push(line)
      line = word
    } else line = next
  }
  if (line !== '') lines.push(line)
  return lines
}

/** The text cut with an ellipsis to fit. */
export function shorten(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text
  let out = ''
  for (const c of text) {
    if (textWidth(`${out}${c}…`, size) > width) break
    out += c
  }
  return `${out.trimEnd()}…`
}

/**
 * Moves positions apart by at least `gap` while keeping their order and staying within [low, high], moving each as
 * little as blocks of neighbours allow. Returns positions in the order given.
 */
export function spread(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a] - positions[b] || a - b)
  const step = order.length > 1 ? Math.min(gap, (high - low) / (order.length - 1)) : gap
  interface Block {
    start: number
    members: number[]
  }
  const blocks: Block[] = []
  const settle = (members: number[]): Block => {
    const mean = members.reduce((sum, i, k) => sum + positions[i] - k * step, 0) / members.length
    const last = high - (members.length - 1) * step
    return { start: Math.max(low, Math.min(last, mean)), members }
  }
  for (const i of order) {
    let block = settle([i])
    for (;;) {
      const before = blocks.at(-1)
      if (before === undefined || before.start + before.members.length * step <= block.start + 1e-9) break
      blocks.pop()
      block = settle([...before.members, ...block.members])
    }
    blocks.push(block)
  }
  const out = new Array<number>(positions.length)
  for (const block of blocks) for (const [k, i] of block.members.entries()) out[i] = block.start + k * step
  return out
}
