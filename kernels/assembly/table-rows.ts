// Rows of a text table from its columns.
import { numberText, wholeText } from './decimal'
import { exp } from './elementary'

const tab: u8 = 9
const lineFeed: u8 = 10
const perLog10: f64 = 1.0 / 2.302585092994046

// A column takes 16 bytes: its kind (i32), where its values lie (u32), where its texts lie (u32), its width (i32).

/** The next line of a text, without its line feed: one cell or several. */
const lines = 0
/** `width` i32 a row, a cell each; missing below 0. */
const wholes = 1
/** f64, missing where NaN; so are those that follow. */
const numbers = 2
/** The exponential of f64. */
const exponentials = 3
/** Two cells of a log p: p and -log10 p. */
const logs = 4
/** -log10 p of a log p. */
const negativeLogs = 5
/** i32, a text each; missing below 0. Of each text where it lies and its length (u32 both). */
const texts = 6

function copyBytes(from: usize, length: usize, out: usize): usize {
  for (let k: usize = 0; k < length; k++) store<u8>(out + k, load<u8>(from + k))
  return out + length
}

// The number, or what stands for it where it is missing or infinite.
function numberCell(x: f64, powers: usize, missing: usize, missingBytes: i32, infinite: bool, out: usize): usize {
  if (x - x === 0) return out + <usize>numberText(x, powers, out)
  if (isNaN(x) || !infinite) return copyBytes(missing, <usize>missingBytes, out)
  if (x < 0) {
    store<u8>(out, 45)
    out++
  }
  // "Infinity"
  store<u64>(out, 0x7974696e69666e49)
  return out + 8
}

// A memo of numbers' texts: slots of 64 bytes with the number, the bytes of its text (0: none), its kind and the text.
const slotBits = 12

/** Bytes of a memo, which begins as zeros. */
export function rowsMemoBytes(): i32 {
  return (64 << slotBits) + 16
}

/** Writes the cells of a number, or takes them from a number of the same kind met before. A text is written 64 bytes wide. */
function memoCells(x: f64, kind: i32, powers: usize, missing: usize, missingBytes: i32, infinite: bool, memo: usize, out: usize): usize {
  if (memo === 0) return numberCells(x, kind, powers, missing, missingBytes, infinite, out)
  const bits = reinterpret<u64>(x)
  const hash = (bits ^ (<u64>kind << 40)) * 0x9e3779b97f4a7c15
  const slot = memo + (<usize>(hash >> (64 - slotBits)) << 6)
  const length = load<u8>(slot, 8)
  if (length !== 0 && load<u64>(slot) === bits && load<u8>(slot, 9) === <u8>kind) {
    v128.store(out, v128.load(slot, 10))
    v128.store(out, v128.load(slot, 26), 16)
    v128.store(out, v128.load(slot, 42), 32)
    v128.store(out, v128.load(slot, 58), 48)
    return out + <usize>length
  }
  const end = numberCells(x, kind, powers, missing, missingBytes, infinite, out)
  const bytes = end - out
  if (bytes <= 54) {
    store<u64>(slot, bits)
    store<u8>(slot, <u8>bytes, 8)
    store<u8>(slot, <u8>kind, 9)
    copyBytes(out, bytes, slot + 10)
  }
  return end
}

function numberCells(x: f64, kind: i32, powers: usize, missing: usize, missingBytes: i32, infinite: bool, out: usize): usize {
  if (kind === numbers) return numberCell(x, powers, missing, missingBytes, infinite, out)
  if (kind === exponentials) return numberCell(exp(x), powers, missing, missingBytes, infinite, out)
  if (kind === logs) {
    out = numberCell(exp(x), powers, missing, missingBytes, infinite, out)
    store<u8>(out++, tab)
  }
  return numberCell(0.0 - x * perLog10, powers, missing, missingBytes, infinite, out)
}

/**
 * Writes `rows` rows, a tab between cells and a line feed behind each, and returns the bytes written. `powers` as numberText
 * takes them; a missing cell is `missingBytes` bytes at `missing`, and so is an infinite number unless `infinite` says to
 * write it as JavaScript does. A number takes at most 25 bytes, a whole one 10. `memo`: of `rowsMemoBytes`, or 0; up to 64 bytes
 * behind the rows are written over.
 */
export function tableRows(columns: usize, width: i32, rows: i32, powers: usize, missing: usize, missingBytes: i32, infinite: bool, memo: usize, out: usize): i32 {
  let o = out
  const end = columns + ((<usize>width) << 4)
  for (let row: usize = 0; row < <usize>rows; row++) {
    for (let column = columns; column < end; column += 16) {
      const values = <usize>load<u32>(column, 4)
      switch (load<i32>(column)) {
        case lines: {
          let from = values
          for (let byte = load<u8>(from); byte !== lineFeed; byte = load<u8>(++from)) store<u8>(o++, byte)
          store<u32>(column, <u32>(from + 1), 4)
          break
        }
        case wholes: {
          const cells = <usize>load<i32>(column, 12)
          const from = values + ((row * cells) << 2)
          for (let cell: usize = 0; cell < cells; cell++) {
            const value = load<i32>(from + (cell << 2))
            if (cell > 0) store<u8>(o++, tab)
            o = value < 0 ? copyBytes(missing, <usize>missingBytes, o) : o + <usize>wholeText(value, o)
          }
          break
        }
        case texts: {
          const code = load<i32>(values + (row << 2))
          const text = <usize>load<u32>(column, 8) + ((<usize>code) << 3)
          o =
            code < 0
              ? copyBytes(missing, <usize>missingBytes, o)
              : copyBytes(<usize>load<u32>(text), <usize>load<u32>(text, 4), o)
          break
        }
        default:
          o = memoCells(load<f64>(values + (row << 3)), load<i32>(column), powers, missing, missingBytes, infinite, memo, o)
      }
      store<u8>(o++, tab)
    }
    store<u8>(o - 1, lineFeed)
  }
  return <i32>(o - out)
}
