// A made-up cohort as PLINK BED, for benchmarks: three populations, LD within some 50 kb, half of the variants rare,
// missing calls at 40% of the variants, and one person in fifty the child of two others.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'

const lengths = [248, 242, 198, 190, 181, 170, 159, 145, 138, 133, 135, 133, 114, 107, 101, 90, 83, 80, 58, 64, 46, 50]
const ancestors = 24
const bases = ['A', 'C', 'G', 'T']

/** Uniform numbers in [0, 1), the same for a seed on any machine (xorshift32). */
export function uniform(seed) {
  let state = (Math.imul(seed, 2_654_435_761) ^ 0x9e3779b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 4_294_967_296
  }
}

/** Writes PREFIX.bed, .bim and .fam. Variants lie evenly on the autosomes; `rare` is the share of rare ones. */
export function writeCohort(prefix, { people, variants, seed = 1, rare = 0.5 }) {
  const random = uniform(seed)
  const haplotypes = 2 * people
  const children = Math.floor(people / 50)
  const founders = haplotypes - 2 * children
  const population = (h) => Math.floor((3 * (h >> 1)) / people)
  const draw = (h) => (random() < 0.9 ? population(h) * 8 + Math.floor(8 * random()) : Math.floor(ancestors * random()))
  const ancestor = Uint8Array.from({ length: haplotypes }, (_, h) => draw(h))
  const source = Int32Array.from({ length: haplotypes }, (_, h) => h)
  const carrier = new Uint8Array(haplotypes)
  const copies = new Uint8Array(haplotypes)
  // Variants near each other fall on the same few branches of the ancestors' tree.
  const branch = () => {
    const p = 0.05 + 0.9 * random()
    let mask = 0
    for (let a = 0; a < ancestors; a++) if (random() < p) mask |= 1 << a
    return mask
  }
  const branches = Array.from({ length: 8 }, branch)
  const total = lengths.reduce((a, b) => a + b)
  const stride = Math.ceil(people / 4)
  // 2 copies of allele 1, missing, 1 copy, none: by copies 0, 1, 2, and 3 for missing
  const code = [3, 2, 0, 1]
  const bed = openSync(`${prefix}.bed`, 'w')
  const bim = openSync(`${prefix}.bim`, 'w')
  writeSync(bed, Uint8Array.of(0x6c, 0x1b, 1))
  let done = 0
  let cumulative = 0
  lengths.forEach((length, c) => {
    cumulative += length
    const end = Math.round((variants * cumulative) / total)
    const step = Math.floor((length * 1e6 - 20_000) / Math.max(1, end - done))
    for (let h = founders; h < haplotypes; h++) {
      const parent = (h * 37) % (founders >> 1)
      source[h] = 2 * parent + (random() < 0.5 ? 1 : 0)
    }
    const switches = Math.min(1, step / 50_000) * haplotypes
    for (let position = 10_000; done < end; ) {
      const count = Math.min(1024, end - done)
      const bytes = new Uint8Array(count * stride)
      let lines = ''
      for (let v = 0; v < count; v++, done++, position += step) {
        for (let k = Math.floor(switches + random()); k > 0; k--) {
          const h = Math.floor(haplotypes * random())
          ancestor[h] = draw(h)
        }
        if (random() >= rare) {
          const at = Math.floor(branches.length * random())
          if (random() < step / 10_000) branches[at] = branch()
          const mask = branches[at]
          for (let h = 0; h < haplotypes; h++) copies[h] = (mask >> ancestor[source[h]]) & 1
        } else {
          copies.fill(0)
          carrier.fill(0)
          for (let k = 1 + Math.floor(people * 0.06 * random() * random()); k > 0; k--)
            carrier[Math.floor(founders * random())] = 1
          for (let h = 0; h < haplotypes; h++) copies[h] = carrier[source[h]]
        }
        const missing = random() < 0.6 ? 0 : 0.02 * random()
        const base = v * stride
        for (let i = 0; i < people; i++) {
          const g = copies[2 * i] + copies[2 * i + 1]
          bytes[base + (i >> 2)] |= code[g] << (2 * (i & 3))
        }
        if (missing > 0)
          for (let k = Math.floor(people * missing + random()); k > 0; k--) {
            const i = Math.floor(people * random())
            bytes[base + (i >> 2)] = (bytes[base + (i >> 2)] & ~(3 << (2 * (i & 3)))) | (1 << (2 * (i & 3)))
          }
        const ref = Math.floor(4 * random())
        const alt = (ref + 1 + Math.floor(3 * random())) % 4
        lines += `${c + 1}\trs${done}\t0\t${position}\t${bases[alt]}\t${bases[ref]}\n`
      }
      writeSync(bed, bytes)
      writeSync(bim, lines)
    }
  })
  closeSync(bed)
  closeSync(bim)
  const names = Array.from({ length: people }, (_, i) => `P${String(i).padStart(6, '0')}`)
  writeFileSync(`${prefix}.fam`, names.map((id, i) => `0\t${id}\t0\t0\t${1 + (i % 2)}\t-9\n`).join(''))
}
