import { numbers } from '../../src/genotypes/testing/cohort.ts'

export interface Made {
  text: string
  samples: number
}

/** A VCF whose variants invite PLINK 2 to use every way it has of storing them. */
export function randomVcf(seed: number, options: { several: boolean; field?: 'DS' | 'HDS' }): Made {
  const random = numbers(seed)
  const pick = (n: number) => Math.floor(random() * n)
  const samples = [1 + pick(8), 1 + pick(70), 60 + pick(300), 250 + pick(20), 1000 + pick(2000)][pick(5)]
  const variants = Math.max(12, Math.min(220, Math.floor(120_000 / samples)))
  const names = Array.from({ length: samples }, (_, s) => `S${String(s).padStart(4, '0')}`)
  const lines: string[] = []
  let before: number[][] = []
  for (let v = 0; v < variants; v++) {
    const alts = options.several && random() < 0.35 ? 1 + pick(random() < 0.03 ? 254 : random() < 0.2 ? 20 : 4) : 1
    const spectrum = [() => 0.0005, () => 0.01, () => random(), () => 0.5, () => 0.99, () => 0.9995][pick(6)]()
    const lost = [0, 0, 0.01, 0.3, 0.97][pick(5)]
    const calls: number[][] = []
    const like = before.length > 0 && random() < 0.45
    const turned = like && random() < 0.4
    for (let s = 0; s < samples; s++) {
      if (like && random() < 0.985)
        calls.push(
          turned ? before[s].map((a) => (a < 0 ? a : a === 0 ? 1 : 0)) : before[s].map((a) => Math.min(a, alts)),
        )
      else if (random() < lost) calls.push([-1, -1])
      else {
        const allele = () => (random() < spectrum ? 1 + (random() < 0.6 ? 0 : pick(alts)) : 0)
        calls.push([allele(), allele()])
      }
    }
    if (!like) before = calls
    const phased = [0, 0, 1, 0.5][pick(4)]
    const letters = (k: number) => Array.from(k.toString(4), (digit) => 'ACGT'[Number(digit)]).join('')
    const bases = ['C', 'G', 'T', ...Array.from({ length: alts }, (_, k) => `AC${letters(k)}`)]
    const field = options.field !== undefined && random() < 0.8 ? options.field : undefined
    const share = [0.01, 0.5, 0.9, 1][pick(4)]
    const cells = calls.map(([a, b]) => {
      const gt = a < 0 ? './.' : random() < phased ? `${a}|${b}` : `${a}/${b}`
      if (field === undefined) return gt
      if (random() > share) return `${gt}:${field === 'DS' ? '.' : '.,.'}`
      const haplotype = (h: number) => {
        const sure = random() < 0.3 ? 0 : random() * (random() < 0.5 ? 0.1 : 1)
        return h < 0 ? random() : h > 0 ? 1 - sure : sure
      }
      const [x, y] = [haplotype(a), haplotype(b)]
      return field === 'DS' ? `${gt}:${(x + y).toFixed(4)}` : `${gt}:${x.toFixed(4)},${y.toFixed(4)}`
    })
    const format = field === undefined ? 'GT' : `GT:${field}`
    const filter = random() < 0.05 ? 'q10' : 'PASS'
    lines.push(
      `${1 + Math.floor((v * 4) / variants)}\t${1000 + v * 7}\trs${v}\tA\t${bases.slice(0, alts).join(',')}\t.\t${filter}\t.\t${format}\t${cells.join('\t')}\n`,
    )
  }
  const fields = ['GT,Number=1,Type=String', 'DS,Number=1,Type=Float', 'HDS,Number=2,Type=Float']
  const head = [
    '##fileformat=VCFv4.2',
    ...[1, 2, 3, 4].map((k) => `##contig=<ID=${k}>`),
    '##FILTER=<ID=q10,Description="x">',
    ...fields.map((field) => `##FORMAT=<ID=${field},Description="x">`),
    `#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${names.join('\t')}`,
  ]
  return { text: `${head.join('\n')}\n${lines.join('')}`, samples }
}
