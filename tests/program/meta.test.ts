import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../src/numerics/random.ts'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const file = (name: string, lines: string[]): string => {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

describe('upturn meta of a table', () => {
  const table = file('studies.tsv', [
    'study\tcase_ref\tcase_het\tcase_alt\tcontrol_ref\tcontrol_het\tcontrol_alt\tcase_group',
    'StAR\t10\t9\t3\t95\t8\t0\tstar',
    'Second\t14\t5\t1\t120\t15\t1\tsecond',
    'Third\t12\t9\t3\t250\t30\t1\tthird',
  ])
  it('prints every way of putting studies together, writes a forest, and says it plainly', () => {
    const out = join(folder, 'out')
    const { code, stdout } = upturn(['meta', table, '--quiet', '--out', out])
    expect(code).toBe(0)
    expect(stdout).toMatch(/exact trend +1\.62e-12/)
    expect(stdout).toMatch(/3 studies: odds ratio 5\.8 \(95% limits 3\.47 to 9\.69\)/)
    expect(stdout).toMatch(/Research use only/)
    expect(readFileSync(join(out, 'figures/meta-forest.svg'), 'utf8')).toMatch(/Exact over studies/)
    expect(readFileSync(join(out, 'figures/meta-forest.png')).subarray(1, 4).toString()).toBe('PNG')
    expect(JSON.parse(readFileSync(join(out, 'meta.json'), 'utf8'))[0].studies).toHaveLength(3)
  })

  it('warns of the same cases twice, one object a variant in JSON', () => {
    const twice = file('twice.tsv', [
      'variant\tstudy\tor\tlow\thigh\tcase_group',
      'rs1\tA\t12\t4.1\t34.6\tstar',
      'rs1\tB\t11\t4\t30\tstar',
      'rs2\tA\t2\t1.1\t3.6\t',
    ])
    const { stdout } = upturn(['meta', twice, '--json', '--quiet'])
    const [one, two] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(one.warnings).toEqual([
      'A and B have the same cases (star): they are one study, not two; leave one of them out.',
    ])
    expect(two.sentence).toMatch(/one study is no meta-analysis/)
  })

  it.each([
    ['study\tor', ['A\t2'], 'ColumnMissing', 1],
    ['or\tse', ['2\t1'], 'ColumnMissing', 1],
    ['study\tor\tse', ['A\t-2\t1'], 'ValueInvalid', 2],
    ['study\tor\tse', ['A\t2\tx'], 'ValueInvalid', 2],
    ['study\tor\tse', ['A\t2\t0'], 'ValueInvalid', 2],
    ['study\tor\tse', ['A\t2\t1', 'A\t3\t1'], 'ValueInvalid', 3],
    ['study\tor\tlow\thigh', ['A\t2\t3\t4'], 'ValueInvalid', 2],
    ['study\tcase_with\tcase_without\tcontrol_with\tcontrol_without', ['A\t2\t3\t4\t'], 'ValueInvalid', 2],
    ['study\tcase_with\tcase_without\tcontrol_with\tcontrol_without', ['A\t2\t3\t4\t1.5'], 'ValueInvalid', 2],
    ['study\teffect_allele\tor\tse', ['A\tG\t2\t1', 'B\tA\t2\t1'], 'ValueInvalid', 3],
    ['study\tor\tse', [], 'ValueInvalid', 2],
  ])('refuses %s with %j', (header, rows, code, line) => {
    const wrong = file('wrong.tsv', [header, ...rows])
    const run = upturn(['meta', wrong, '--json', '--quiet'])
    expect(run.code).toBe(2)
    expect(JSON.parse(run.stdout).error).toMatchObject({ code, line })
  })
})

describe('upturn meta of scans', () => {
  const random = new RandomStream(21, 'test/meta program')
  const variants = Array.from({ length: 300 }, (_, v) => ({
    position: 1000 + 200_000 * v,
    f: 0.05 + 0.3 * random.uniform(),
  }))
  const group = (n: number, f: number): number[] => {
    const counts = [0, 0, 0]
    for (let i = 0; i < n; i++) counts[(random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)]++
    return counts
  }
  const header =
    'chromosome\tposition\tref\talt\trsid\tn_cases\tn_controls\tcase_ref\tcase_het\tcase_alt\tcontrol_ref\tcontrol_het\tcontrol_alt\tor\tor_se'
  const logOr = (c: number[]) =>
    Math.log(((c[1] + 2 * c[2] + 0.5) * (c[4] + 2 * c[3] + 0.5)) / ((c[1] + 2 * c[0] + 0.5) * (c[4] + 2 * c[5] + 0.5)))
  const row = (position: number, ref: string, alt: string, c: number[]) =>
    [
      '1',
      position,
      ref,
      alt,
      `rs${position}`,
      c[0] + c[1] + c[2],
      c[3] + c[4] + c[5],
      ...c,
      Math.exp(logOr(c)),
      0.6,
    ].join('\t')
  const counts = () => variants.map(({ f }, v) => [...group(22, v === 50 ? 0.7 : f), ...group(100, v === 50 ? 0.1 : f)])
  const first = counts()
  const second = counts()
  const scan = (name: string, study: number[][], swap: boolean) =>
    file(name, [
      header,
      ...study.map((c, v) =>
        // In the second file every third variant is written the other way round.
        swap && v % 3 === 0
          ? row(variants[v].position, 'C', 'A', [c[2], c[1], c[0], c[5], c[4], c[3]])
          : row(variants[v].position, 'A', 'C', c),
      ),
      row(90_000_000, 'A', 'T', [20, 2, 0, 90, 10, 0]),
    ])
  const a = scan('a.tsv', first, false)
  const b = scan('b.tsv', second, true)

  it('joins variants on their alleles, turning exchanged ones round, and finds the planted one', () => {
    const out = join(folder, 'scans')
    const { code, stdout } = upturn(['meta', a, b, '--json', '--quiet', '--out', out])
    expect(code).toBe(0)
    const summary = JSON.parse(stdout)
    expect(summary).toMatchObject({
      ok: true,
      variants: 300,
      pooled: 300,
      leftOut: { 'strand-ambiguous': 1 },
      rankedBy: 'exact trend over studies',
      warnings: [],
      bonferroni: { tests: 300 },
    })
    expect(summary.studies.map((s: { name: string }) => s.name)).toEqual(['a', 'b'])
    expect(summary.lead.variant).toBe(`1:${variants[50].position}:A:C`)
    const lines = readFileSync(join(out, 'meta.tsv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(lines).toHaveLength(301)
    const column = (name: string) => lines[0].indexOf(name)
    for (let v = 0; v < 300; v++)
      expect(Number(lines[v + 1][column('fixed_or')])).toBeCloseTo(
        Math.exp((logOr(first[v]) + logOr(second[v])) / 2),
        8,
      )
    expect(upturn(['meta', a, b, '--quiet', '--ambiguous', 'keep', '--json']).stdout).toMatch(/"variants":301/)
  })

  it('sees the same cases beside other controls, and the same people by their effects', () => {
    const sameCases = first.map((c, v) => [...c.slice(0, 3), ...second[v].slice(3)])
    const { stdout } = upturn(['meta', a, scan('c.tsv', sameCases, true), '--quiet'])
    expect(stdout).toMatch(/WARNING: a and c: the cases have the very same genotype counts on \d+ of \d+ variants/)
    const ssf = (name: string, study: number[][]) => {
      const path = join(folder, name)
      const lines = [
        'chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\tp_value',
        ...study.map((c, v) => `1\t${variants[v].position}\tC\tA\t${logOr(c) + 0.05 * random.normal()}\t0.6\t#NA`),
      ]
      writeFileSync(path, gzipSync(`${lines.join('\n')}\n`))
      return path
    }
    const one = ssf('one.tsv.gz', first)
    const shared = upturn(['meta', one, ssf('other.tsv.gz', first), '--json', '--quiet'])
    const summary = JSON.parse(shared.stdout)
    expect(summary.rankedBy).toBe('one common effect, inverse variance')
    expect(summary.warnings[0]).toMatch(/^one and other: effects point the same way on 9\d% of 300 variants/)
    expect(JSON.parse(upturn(['meta', one, b, '--json', '--quiet']).stdout).warnings).toEqual([])
  })

  it('refuses what it cannot join', () => {
    const code = (args: string[]) => JSON.parse(upturn(['meta', ...args, '--json', '--quiet']).stdout).error.code
    expect(code([a, a])).toBe('BadArgument')
    expect(code([a, b, '--names', 'x'])).toBe('BadArgument')
    expect(code([a, b, '--names', 'x,x'])).toBe('BadArgument')
    expect(code([a, file('unsorted.tsv', [header, row(500, 'A', 'C', first[0]), row(400, 'A', 'C', first[1])])])).toBe(
      'ValueInvalid',
    )
    expect(
      code([a, file('twice-there.tsv', [header, row(500, 'A', 'C', first[0]), row(500, 'A', 'C', first[1])])]),
    ).toBe('ValueInvalid')
    expect(code([a, file('odd.tsv', ['a\tb', '1\t2'])])).toBe('ColumnMissing')
    expect(code([a, file('chromosome.tsv', [header, row(500, 'A', 'C', first[0]).replace(/^1/, 'contig7')])])).toBe(
      'ValueInvalid',
    )
    expect(code([a, join(folder, 'absent.tsv')])).toBe('FileNotFound')
  })
})
