import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hodgesLehmannShift, jonckheereTerpstra, kruskalWallis, permutedTrend } from '../../../src/statistics/rank/index.ts'

const read = (name: string): Record<string, number>[] => {
  const [head, ...rows] = readFileSync(new URL(name, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  return rows.map((cells) => Object.fromEntries(head.map((key, i) => [key, Number(cells[i])])))
}

const inputs = read('inputs_rank.tsv')
const expected = read('expected_rank.tsv')

describe('rank tests against R', () => {
  it('Kruskal-Wallis and exact Jonckheere-Terpstra of 36 sets to 1e-10', () => {
    expect(expected).toHaveLength(36)
    for (const row of expected) {
      const people = inputs.filter((r) => r.set === row.set)
      const values = people.map((r) => r.x)
      const groups = people.map((r) => r.group - 1)
      const kw = kruskalWallis(values, groups)
      expect(Math.abs(kw.statistic - row.kw_H)).toBeLessThan(1e-10)
      expect(kw.degrees).toBe(row.kw_df)
      expect(Math.abs(kw.p - row.kw_p)).toBeLessThan(1e-10)
      const jt = jonckheereTerpstra(values, groups)
      expect(jt.statistic).toBe(row.jt)
      for (const [name, value] of [
        ['jt_exact_increasing', jt.increasing],
        ['jt_exact_decreasing', jt.decreasing],
        ['jt_exact_two_abs', jt.twoSided],
        ['jt_mean', jt.mean],
        ['jt_var_exact_ties', jt.variance],
      ] as const)
        expect(Math.abs(value / row[name] - 1)).toBeLessThan(1e-10)
      const drawn = permutedTrend(values, groups, { draws: 1, seed: 1 })
      expect(drawn.statistic).toBe(row.jt)
      expect(Math.abs(drawn.variance / row.jt_var_exact_ties - 1)).toBeLessThan(1e-10)
      expect(Math.abs(drawn.z - row.jt_z)).toBeLessThan(1e-10)
      expect(Math.abs(drawn.normalP - row.jt_p_asym)).toBeLessThan(1e-10)
      if (row.k !== 2) continue
      expect(Math.abs(jt.twoSided - row.wx_coin_exact_p)).toBeLessThan(1e-10)
      const of = (g: number) => values.filter((_, i) => groups[i] === g)
      // R's W counts pairs in which group 1 is above group 2: the other direction of J.
      expect(of(0).length * of(1).length - jt.statistic).toBe(row.wx_W)
      if (Number.isFinite(row.hl_shift))
        expect(Math.abs(hodgesLehmannShift(of(0), of(1)) - row.hl_shift)).toBeLessThan(row.ties === 0 ? 1e-10 : 1e-4)
    }
  })
})
