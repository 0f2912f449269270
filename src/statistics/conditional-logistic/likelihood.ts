import { exp, log } from '../../numerics/special.ts'
import type { CumulantLikelihood } from '../likelihood/partial.ts'
import type { MatchedSet } from './data.ts'

/**
 * The exact conditional likelihood of matched sets: in each, the probability that of all choices of as many people the cases are the ones chosen
 * (Breslow and Day 1980). The sum over choices and its moments grow person by person (Howard 1972; Gail, Lubin and Rubinstein 1981), so no choice
 * is enumerated.
 */
export function conditionalLikelihood(sets: readonly MatchedSet[], k: number): CumulantLikelihood {
  return (b, wantThird) => {
    let value = 0
    const gradient = new Float64Array(k)
    const information = new Float64Array(k * k)
    const third = new Float64Array(wantThird ? k * k * k : 0)
    for (const { cases: m, rows: given } of sets) {
      const eta = given.map((row) => row.reduce((sum, v, j) => sum + v * b[j], 0))
      const top = Math.max(...eta)
      // Rows less the mean of the likeliest choice: where that choice is nearly certain its moments then nearly vanish and the others' are kept.
      const likeliest = [...eta.keys()].sort((x, y) => eta[y] - eta[x] || x - y).slice(0, m)
      const centre = Float64Array.from({ length: k }, (_, j) => likeliest.reduce((sum, i) => sum + given[i][j], 0) / m)
      const rows = given.map((row) => row.map((v, j) => v - centre[j]))
      // Sums over choices of 0 .. m people: of weights, and of weights times x, x x', x x x.
      const s0 = new Float64Array(m + 1)
      const s1 = new Float64Array((m + 1) * k)
      const s2 = new Float64Array((m + 1) * k * k)
      const s3 = new Float64Array(wantThird ? (m + 1) * k * k * k : 0)
      s0[0] = 1
      rows.forEach((x, person) => {
        const w = exp(eta[person] - top)
        for (let c = Math.min(m, person + 1); c >= 1; c--) {
          const p = c - 1
          if (wantThird)
            for (let i = 0; i < k; i++)
              for (let j = 0; j <= i; j++)
                for (let l = 0; l <= j; l++)
                  s3[((c * k + i) * k + j) * k + l] +=
                    w *
                    (s3[((p * k + i) * k + j) * k + l] +
                      x[i] * s2[(p * k + j) * k + l] +
                      x[j] * s2[(p * k + i) * k + l] +
                      x[l] * s2[(p * k + i) * k + j] +
                      x[i] * x[j] * s1[p * k + l] +
                      x[i] * x[l] * s1[p * k + j] +
                      x[j] * x[l] * s1[p * k + i] +
                      x[i] * x[j] * x[l] * s0[p])
          for (let i = 0; i < k; i++)
            for (let j = 0; j < k; j++)
              s2[(c * k + i) * k + j] +=
                w * (s2[(p * k + i) * k + j] + x[i] * s1[p * k + j] + x[j] * s1[p * k + i] + x[i] * x[j] * s0[p])
          for (let i = 0; i < k; i++) s1[c * k + i] += w * (s1[p * k + i] + x[i] * s0[p])
          s0[c] += w * s0[p]
        }
      })
      const total = s0[m]
      if (!(total > 0)) return undefined
      // Third moments are summed for i >= j >= l only.
      const ordered = (i: number, j: number, l: number) => {
        const most = Math.max(i, j, l)
        const least = Math.min(i, j, l)
        return (most * k + (i + j + l - most - least)) * k + least
      }
      const mean = s1.subarray(m * k).map((v) => v / total)
      for (let person = 0; person < m; person++) {
        value += eta[person] - top
        for (let i = 0; i < k; i++) gradient[i] += rows[person][i]
      }
      value -= log(total)
      for (let i = 0; i < k; i++) {
        gradient[i] -= mean[i]
        for (let j = 0; j < k; j++) {
          const second = s2[(m * k + i) * k + j] / total
          information[i * k + j] += second - mean[i] * mean[j]
          if (wantThird)
            for (let l = 0; l < k; l++)
              third[(i * k + j) * k + l] +=
                s3[m * k * k * k + ordered(i, j, l)] / total -
                second * mean[l] -
                (s2[(m * k + i) * k + l] / total) * mean[j] -
                (s2[(m * k + j) * k + l] / total) * mean[i] +
                2 * mean[i] * mean[j] * mean[l]
        }
      }
    }
    return { value, gradient, information, third }
  }
}
