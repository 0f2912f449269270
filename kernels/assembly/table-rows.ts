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

/**
 * Writes `rows` rows, a tab between cells and a line feed behind each, and returns the bytes written. `powers` as numberText
 * takes them; a missing cell is `missingBytes` bytes at `missing`, and so is an infinite number unless `infinite` says to
 * write it as JavaScript does. A number takes at most 25 bytes, a whole one 10.
 */
export function tableRows(columns: usize, width: i32, rows: i32, powers: usize, missing: usize, missingBytes: i32, infinite: bool, out: usize): i32 {
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
        case numbers:
          o = numberCell(load<f64>(values + (row << 3)), powers, missing, missingBytes, infinite, o)
          break
        case exponentials:
          o = numberCell(exp(load<f64>(values + (row << 3))), powers, missing, missingBytes, infinite, o)
          break
        case logs: {
          const log = load<f64>(values + (row << 3))
          o = numberCell(exp(log), powers, missing, missingBytes, infinite, o)
          store<u8>(o++, tab)
          o = numberCell(0.0 - log * perLog10, powers, missing, missingBytes, infinite, o)
          break
        }
        case negativeLogs:
          o = numberCell(0.0 - load<f64>(values + (row << 3)) * perLog10, powers, missing, missingBytes, infinite, o)
          break
        default: {
          const code = load<i32>(values + (row << 2))
          const text = <usize>load<u32>(column, 8) + ((<usize>code) << 3)
          o =
            code < 0
              ? copyBytes(missing, <usize>missingBytes, o)
              : copyBytes(<usize>load<u32>(text), <usize>load<u32>(text, 4), o)
        }
      }
      store<u8>(o++, tab)
    }
    store<u8>(o - 1, lineFeed)
  }
  return <i32>(o - out)
}
