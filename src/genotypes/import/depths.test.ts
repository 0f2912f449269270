import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bcfBytes } from '../testing/bcf.ts'
import { numbers, scratchFolder, workshop, writeBgzf } from '../testing/cohort.ts'
import { importGenotypes } from './import.ts'

const folder = scratchFolder()
const random = numbers(12)
const samples = ['c', '__proto__', 'a', 'b']
const header = `##fileformat=VCFv4.2
##contig=<ID=1,length=248956422>
##FILTER=<ID=q10,Description="low">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${samples.join('\t')}
`

/** Records of three kinds of FORMAT; b has no depth anywhere. What everybody's depths should add up to. */
function made() {
  const sums = samples.map(() => [0, 0])
  const lines: string[] = []
  for (let v = 1; v <= 5000; v++) {
    const kind = v % 3
    const passed = v % 5 !== 0
    const cells = samples.map((_, s) => {
      const depth = s === 3 || random() < 0.1 ? -1 : Math.floor(random() * 300)
      if (kind !== 2 && passed && v % 16 === 0 && depth >= 0) {
        sums[s][0] += depth
        sums[s][1]++
      }
      const said = depth < 0 ? '.' : String(depth)
      const gt = ['0/0', '0/1', './.'][Math.floor(3 * random())]
      return kind === 0 ? `${gt}:${said}:30` : kind === 1 ? `${gt}:9:${said}` : gt
    })
    const format = ['GT:DP:GQ', 'GT:GQ:DP', 'GT'][kind]
    lines.push(`1\t${v}\t.\tA\tG\t.\t${passed ? 'PASS' : 'q10'}\t.\t${format}\t${cells.join('\t')}\n`)
  }
  const means = samples.flatMap((id, s): [string, number][] => (sums[s][1] > 0 ? [[id, sums[s][0] / sums[s][1]]] : []))
  return { text: header + lines.join(''), means: Object.fromEntries(means) }
}

test('mean depth by person, of one record in sixteen, from VCF and BCF however it is stored', async () => {
  const { text, means } = made()
  expect(Object.keys(means).length).toBe(3)
  writeFileSync(join(folder, 'a.vcf'), text)
  await writeBgzf(join(folder, 'b.vcf.gz'), text)
  writeFileSync(join(folder, 'c.bcf'), bcfBytes(text))
  await writeBgzf(join(folder, 'd.bcf'), bcfBytes(text))
  for (const [name, format] of [
    ['a.vcf', 'vcf'],
    ['b.vcf.gz', 'vcf'],
    ['c.bcf', 'bcf'],
    ['d.bcf', 'bcf'],
  ]) {
    const { depths } = await importGenotypes(
      { files: [{ path: join(folder, name), format }], build: 'GRCh38' },
      join(folder, `store-${name}`),
      workshop(),
    )
    expect(depths, name).toEqual(means)
  }
})

test('a file without DP tells no depth', async () => {
  writeFileSync(join(folder, 'none.vcf'), `${header}1\t16\t.\tA\tG\t.\t.\t.\tGT\t0/1\t0/0\t0/0\t1/1\n`)
  const { depths } = await importGenotypes(
    { files: [{ path: join(folder, 'none.vcf'), format: 'vcf' }], build: 'GRCh38' },
    join(folder, 'store-none'),
    workshop(),
  )
  expect(depths).toEqual({})
})
