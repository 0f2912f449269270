// Variants that are no problem are merged as bcftools merge and plink1.9 --bmerge merge them.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importGenotypes, mergeStores, openStore } from '../../src/genotypes/index.ts'
import {
  type Cohort,
  host,
  numbers,
  randomCohort,
  scratchFolder,
  vcfText,
  workshop,
  writeBed,
  writeBgzf,
} from '../../src/genotypes/testing/cohort.ts'
import { absent, command, plink } from './plink.ts'

const missing = absent('bcftools', 'plink1.9', 'tabix')
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)

const folder = scratchFolder()
const complement = (base: string) => 'TGCA'['ACGT'.indexOf(base)]

/** The cohort without variants that are ambiguous, and with calls of its own. */
function cohortOf(shared: Cohort, people: number, seed: number, every: number): Cohort {
  const random = numbers(seed)
  const kept = shared.keys.ref.flatMap((ref, v) => {
    const alt = shared.keys.alt[v]
    const ambiguous = ref.length === 1 && alt.length === 1 && complement(ref) === alt
    return ambiguous || random() < 1 / every ? [] : [v]
  })
  const { keys } = shared
  return {
    samples: Array.from({ length: people }, (_, s) => `S${String(s).padStart(3, '0')}`),
    keys: {
      chromosome: kept.map((v) => keys.chromosome[v]),
      position: Int32Array.from(kept, (v) => keys.position[v]),
      ref: kept.map((v) => keys.ref[v]),
      alt: kept.map((v) => keys.alt[v]),
      rsid: kept.map((v) => `${keys.chromosome[v]}:${keys.position[v]}`),
    },
    codes: kept.map(() => {
      const frequency = random()
      return Array.from({ length: people }, () =>
        random() < 0.04 ? 3 : Number(random() < frequency) + Number(random() < frequency),
      )
    }),
  }
}

/** `chr:pos:ref:alt` to the codes of everybody in the order of the store. */
async function mergedCodes(
  cohorts: readonly { name: string; path: string; format: string }[],
  require: 'all' | 'any',
): Promise<Map<string, string>> {
  const stores = []
  for (const { name, path, format } of cohorts) {
    const at = join(folder, `${name}-${format}-${require}`)
    await importGenotypes({ files: [{ path, format }], build: 'GRCh38' }, at, workshop())
    stores.push({ name, folder: at })
  }
  const out = join(folder, `merged-${cohorts[0].format}-${require}`)
  mkdirSync(out)
  const rules = { ambiguous: 'drop', strand: 'drop', require } as const
  await mergeStores({ cohorts: stores, rules }, out, workshop())
  const store = await openStore(host, out)
  const codes = new Map<string, string>()
  const { samples, wordsPerPlane } = store.header
  const plane = 8 * wordsPerPlane
  for (const b of store.header.blocks.keys()) {
    const keys = await store.keys(b)
    const bytes = await store.genotypes(b)
    for (let v = 0; v < keys.ref.length; v++)
      codes.set(
        `${keys.chromosome[v]}:${keys.position[v]}:${keys.ref[v]}:${keys.alt[v]}`,
        samples
          .map((_, s) => {
            const bit = (at: number) => (bytes[at + (s >> 3)] >> (s & 7)) & 1
            return bit(2 * plane * v) + 2 * bit(2 * plane * v + plane)
          })
          .join(''),
      )
  }
  await store.close()
  return codes
}

describe.skipIf(missing.length > 0)('merging cohorts', () => {
  const shared = randomCohort(77, 1, 4000)
  const sizes = [37, 61, 5]
  const names = ['a', 'b', 'c']
  const cohorts = sizes.map((size, c) => cohortOf(shared, size, 100 + c, 12))

  test('as bcftools merge does: what all have, and with missing calls what any has', async () => {
    for (const [c, cohort] of cohorts.entries()) {
      const renamed = { ...cohort, samples: cohort.samples.map((id) => `${names[c]}:${id}`) }
      const text = vcfText(renamed).replace(
        '##FORMAT',
        `${['1', '2', '10', 'X'].map((name) => `##contig=<ID=${name}>\n`).join('')}##FILTER=<ID=PASS,Description="x">\n##FORMAT`,
      )
      await writeBgzf(join(folder, `${names[c]}.vcf.gz`), text)
      command(folder, 'tabix', '-p', 'vcf', `${names[c]}.vcf.gz`)
      await writeBgzf(join(folder, `own-${names[c]}.vcf.gz`), vcfText(cohort))
    }
    // No multi-allelic records are made: each pair of alleles stays its own record.
    command(folder, 'bcftools', 'merge', '-m', 'none', '-o', 'merged.vcf', ...names.map((name) => `${name}.vcf.gz`))
    const query = ['query', '-f', '%CHROM:%POS:%REF:%ALT[\t%GT]\n', 'merged.vcf']
    const theirs = new Map(
      command(folder, 'bcftools', ...query)
        .trim()
        .split('\n')
        .map((line) => {
          const [key, ...calls] = line.split('\t')
          const code = (call: string) => (call.includes('.') ? 3 : call.split(/[/|]/).filter((a) => a === '1').length)
          return [key, calls.map(code).join('')] as const
        }),
    )
    const files = names.map((name) => ({ name, path: join(folder, `own-${name}.vcf.gz`), format: 'vcf' }))
    const any = await mergedCodes(files, 'any')
    // A position with another cohort's other alleles is a problem and not for bcftools to say; there are none here.
    expect(any.size).toBeGreaterThan(3000)
    expect(Object.fromEntries(any)).toEqual(Object.fromEntries(theirs))
    const all = await mergedCodes(files, 'all')
    const have = (key: string) =>
      cohorts.every((cohort) =>
        cohort.keys.ref.some(
          (ref, v) => `${cohort.keys.chromosome[v]}:${cohort.keys.position[v]}:${ref}:${cohort.keys.alt[v]}` === key,
        ),
      )
    expect([...all.keys()]).toEqual([...theirs.keys()].filter(have))
    for (const [key, codes] of all) expect(codes).toBe(theirs.get(key))
  })

  test('as plink1.9 --bmerge does, exchanged alleles included', async () => {
    const random = numbers(5)
    const two = cohorts.slice(0, 2).map((cohort, c) => {
      // The second cohort's SNVs have reference and alternate exchanged in places.
      if (c === 0) return cohort
      const turned = cohort.keys.ref.map(
        (ref, v) => ref.length === 1 && cohort.keys.alt[v].length === 1 && random() < 0.3,
      )
      return {
        ...cohort,
        samples: cohort.samples,
        keys: {
          ...cohort.keys,
          ref: cohort.keys.ref.map((ref, v) => (turned[v] ? cohort.keys.alt[v] : ref)),
          alt: cohort.keys.alt.map((alt, v) => (turned[v] ? cohort.keys.ref[v] : alt)),
        },
        codes: cohort.codes.map((row, v) => (turned[v] ? row.map((code) => (code === 3 ? 3 : 2 - code)) : row)),
      }
    })
    for (const [c, cohort] of two.entries()) {
      await writeBed(join(folder, `own-${names[c]}`), cohort)
      await writeBed(join(folder, names[c]), { ...cohort, samples: cohort.samples.map((id) => `${names[c]}:${id}`) })
    }
    plink(folder, 'plink1.9', '--bfile', 'a', '--bmerge', 'b', '--keep-allele-order', '--make-bed', '--out', 'plink')
    plink(folder, 'plink1.9', '--bfile', 'plink', '--recode', 'A-transpose', '--keep-allele-order', '--out', 'plink')
    const files = names.slice(0, 2).map((name) => ({ name, path: join(folder, `own-${name}.bed`), format: 'bed' }))
    const any = await mergedCodes(files, 'any')
    const lines = readFileSync(join(folder, 'plink.traw'), 'utf8').trim().split('\n')
    const order = lines[0]
      .split('\t')
      .slice(6)
      .map((id) => id.replace(/^.*_/, ''))
    expect(order).toEqual(names.slice(0, 2).flatMap((name, c) => two[c].samples.map((id) => `${name}:${id}`)))
    let compared = 0
    for (const line of lines.slice(1)) {
      const [chromosome, , , position, counted, other, ...cells] = line.split('\t')
      const name = chromosome === '23' ? 'X' : chromosome
      const codes = cells.map((cell) => (cell === 'NA' ? 3 : Number(cell)))
      const straight = any.get(`${name}:${position}:${other}:${counted}`)
      const turned = any.get(`${name}:${position}:${counted}:${other}`)
      const mine = straight ?? turned
      const theirs = codes.map((code) => (code === 3 || straight !== undefined ? code : 2 - code)).join('')
      if (mine !== theirs) throw new Error(`${name}:${position} ${counted} ${other}: ${mine} ${theirs}`)
      compared++
    }
    expect(compared).toBe(any.size)
    expect(compared).toBeGreaterThan(3000)
  })
})
