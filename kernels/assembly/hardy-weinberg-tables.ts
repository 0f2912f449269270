// Hardy-Weinberg tests of many variants: variants with the same number of people and of rarer alleles share a table.
import { hardyWeinbergNull } from './exact'
import { slotBytes, slotOf } from './slots'

/** Allele counts up to this have their whole distribution made at once. */
const largestRare: i32 = 2048
const largestTable: usize = (largestRare >> 1) + 1
const slots: u32 = 1 << 15
const mostTables: u32 = 20_000
/** Pairs of log p and log mid-p held; when there are more tables or pairs, all are forgotten. */
const heldPairs: usize = 400_000

// A memory of tables: how many there are and how many pairs (u32 both), slots, what hardyWeinbergNull needs, pairs.
const slotsOffset: usize = 16
const scratchOffset: usize = slotsOffset + <usize>slots * slotBytes
const pairsOffset: usize = scratchOffset + 16 * largestTable + 16

/** Bytes of a memory of tables. */
export function hardyWeinbergTablesBytes(): usize {
  return pairsOffset + 16 * heldPairs
}

/** Empties a memory of tables, also one that holds anything. */
export function hardyWeinbergTablesEmpty(tables: usize): void {
  memory.fill(tables, 0, scratchOffset)
}

// log p by half the heterozygotes, behind them log mid-p.
function tableOf(tables: usize, people: i32, rare: i32): usize {
  const key = ((<u64>people << 32) | <u64>rare) + 1
  let slot = slotOf(tables + slotsOffset, slots - 1, key)
  if (load<u64>(slot) !== 0) return <usize>load<u32>(slot, 8)
  const count = <usize>(rare >> 1) + 1
  if (load<u32>(tables) === mostTables || <usize>load<u32>(tables, 4) + count > heldPairs) {
    hardyWeinbergTablesEmpty(tables)
    slot = slotOf(tables + slotsOffset, slots - 1, key)
  }
  const held = <usize>load<u32>(tables, 4)
  const table = tables + pairsOffset + 16 * held
  hardyWeinbergNull(people, rare, table, table + 8 * count, tables + scratchOffset)
  store<u64>(slot, key)
  store<u32>(slot, <u32>table, 8)
  store<u32>(tables, load<u32>(tables) + 1)
  store<u32>(tables, <u32>(held + count), 4)
  return table
}

/**
 * Log p and log mid-p of `count` variants: places[2 i] (u32) is the place in `counts` (4 i32 a variant) of the i-th, whose
 * logs go to out[2 i] and out[2 i + 1] (f64). NaN where rounding could not tell two probabilities apart, where the rarer allele
 * has more than 2048 copies, and where nobody is called: of these i is listed at `left` (u32). Returns how many they are.
 */
export function hardyWeinbergLogs(counts: usize, places: usize, count: i32, tables: usize, out: usize, left: usize): i32 {
  let unknown = 0
  for (let i = 0; i < count; i++) {
    const c = counts + ((<usize>load<u32>(places + ((<usize>i) << 3))) << 4)
    const ref = load<i32>(c), het = load<i32>(c, 4), alt = load<i32>(c, 8)
    const people = ref + het + alt
    const rare = het + 2 * min(ref, alt)
    let logP: f64 = NaN
    let logMidp: f64 = NaN
    if (people > 0 && rare <= largestRare) {
      const p = tableOf(tables, people, rare) + ((<usize>(het >> 1)) << 3)
      logP = load<f64>(p)
      logMidp = load<f64>(p + ((<usize>(rare >> 1) + 1) << 3))
    }
    store<f64>(out, logP)
    store<f64>(out, logMidp, 8)
    out += 16
    if (isNaN(logP)) {
      store<u32>(left + ((<usize>unknown) << 2), i)
      unknown++
    }
  }
  return unknown
}
