// Made-up genotypes of few people for benchmarks of tests: independent variants whose copies of alt in the cohort are
// k with probability in proportion to 1/k, laid on haplotypes at random, and missing calls anywhere.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { uniform } from './cohort.js'

/**
 * Writes PREFIX.bed, .bim, .fam and PREFIX.tsv with `case` (the first `cases` of a shuffled order) and the covariates
 * x1, x2 ... as PLINK and Upturn read them (2 a case, 1 a control).
 */
export function writeSpectrum(prefix, { people, cases, variants, missing = 0.01, covariates = 3, seed = 1 }) {
  const random = uniform(seed)
  const haplotypes = 2 * people
  const cumulative = new Float64Array(haplotypes - 1)
  for (let k = 1, sum = 0; k < haplotypes; k++) cumulative[k - 1] = sum += 1 / k
  const total = cumulative[haplotypes - 2]
  const code = [3, 2, 0, 1]
  const stride = Math.ceil(people / 4)
  const order = Int32Array.from({ length: haplotypes }, (_, h) => h)
  const bed = openSync(`${prefix}.bed`, 'w')
  const bim = openSync(`${prefix}.bim`, 'w')
  writeSync(bed, Uint8Array.of(0x6c, 0x1b, 1))
  const logKept = Math.log(1 - missing)
  for (let done = 0; done < variants; ) {
    const count = Math.min(4096, variants - done)
    const bytes = new Uint8Array(count * stride)
    let lines = ''
    for (let v = 0; v < count; v++, done++) {
      const aim = random() * total
      let k = 1
      while (cumulative[k - 1] < aim) k++
      const copies = new Uint8Array(people)
      for (let i = 0; i < k; i++) {
        const j = i + Math.floor(random() * (haplotypes - i))
        const h = order[j]
        order[j] = order[i]
        order[i] = h
        copies[h >> 1]++
      }
      // Steps to the next missing call are geometric.
      if (missing > 0)
        for (
          let i = Math.floor(Math.log(1 - random()) / logKept);
          i < people;
          i += 1 + Math.floor(Math.log(1 - random()) / logKept)
        )
          copies[i] = 3
      for (let i = 0; i < people; i++) bytes[v * stride + (i >> 2)] |= code[copies[i]] << (2 * (i & 3))
      const chromosome = 1 + Math.floor((22 * done) / variants)
      lines += `${chromosome}\tv${done}\t0\t${1000 + 100 * done}\tG\tA\n`
    }
    writeSync(bed, bytes)
    writeSync(bim, lines)
  }
  closeSync(bed)
  closeSync(bim)
  const names = Array.from({ length: people }, (_, i) => `P${String(i).padStart(6, '0')}`)
  const affected = new Set()
  while (affected.size < cases) affected.add(Math.floor(people * random()))
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const columns = Array.from({ length: covariates }, (_, j) => `x${j + 1}`)
  writeFileSync(
    `${prefix}.fam`,
    names.map((id, i) => `0\t${id}\t0\t0\t${1 + (i % 2)}\t${affected.has(i) ? 2 : 1}\n`).join(''),
  )
  writeFileSync(
    `${prefix}.tsv`,
    `#FID\tIID\tcase\t${columns.join('\t')}\n${names.map((id, i) => `0\t${id}\t${affected.has(i) ? 2 : 1}\t${columns.map(() => normal().toFixed(4)).join('\t')}\n`).join('')}`,
  )
}
