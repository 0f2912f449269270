import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bgenBytes } from '../bgen/testing/write-bgen.ts'
import { encodeFixedPgen, mainTrack } from '../pgen/testing/encode.ts'
import { psamText, pvarText } from '../pgen/testing/files.ts'
import { openReference } from '../reference/fasta.ts'
import { bcfBytes } from '../testing/bcf.ts'
import { type Cohort, host, numbers, scratchFolder, vcfText, workshop, writeBed } from '../testing/cohort.ts'
import { importGenotypes } from './import.ts'

const folder = scratchFolder()
const random = numbers(3)
const pick = <T>(list: ArrayLike<T>) => list[Math.floor(random() * list.length)]
const people = 13
const names = ['1', '2', 'X']
const genome = names.map(() => Array.from({ length: 4000 }, () => pick('ACGT')).join(''))

interface Site {
  chromosome: string
  position: number
  ref: string
  alt: string
  codes: number[]
  /** A file may have reference and alternate exchanged. */
  turned: boolean
}

/** SNVs whose reference allele is that of the genome, none of them strand-ambiguous. */
const sites = names.flatMap((chromosome, c) => {
  const found: Site[] = []
  for (let position = 5; position < 4000; position += 1 + Math.floor(random() * 40)) {
    const ref = genome[c][position - 1]
    const alt = pick('ACGT'.replace(ref, '').replace('TGCA'['ACGT'.indexOf(ref)], ''))
    const frequency = random()
    const copies = () => Number(random() < frequency) + Number(random() < frequency)
    const codes = Array.from({ length: people }, () => (random() < 0.05 ? 3 : copies()))
    found.push({ chromosome, position, ref, alt, codes, turned: random() < 0.2 })
  }
  return found
})
const samples = Array.from({ length: people }, (_, s) => `P${String(s).padStart(2, '0')}`)

/** Some of the sites, people in another order, alleles exchanged where the file has them so. */
function part(wanted: (site: Site) => boolean, columns: readonly number[], exchanged: boolean): Cohort {
  const chosen = sites.filter(wanted)
  const turn = ({ turned }: Site) => exchanged && turned
  return {
    samples: columns.map((s) => samples[s]),
    keys: {
      chromosome: chosen.map(({ chromosome }) => chromosome),
      position: Int32Array.from(chosen, ({ position }) => position),
      ref: chosen.map((site) => (turn(site) ? site.alt : site.ref)),
      alt: chosen.map((site) => (turn(site) ? site.ref : site.alt)),
      rsid: chosen.map(({ chromosome, position }) => `v${chromosome}-${position}`),
    },
    codes: chosen.map((site) =>
      columns.map((s) => (turn(site) && site.codes[s] < 3 ? 2 - site.codes[s] : site.codes[s])),
    ),
  }
}

const contigs = names.map((name) => `##contig=<ID=${name}>\n`).join('')
const vcf = (cohort: Cohort) => vcfText(cohort).replace('##FORMAT', `${contigs}##FORMAT`)

const writers: Readonly<Record<string, (path: string, cohort: Cohort) => Promise<void> | void>> = {
  vcf: (path, cohort) => writeFileSync(path, vcf(cohort)),
  bcf: (path, cohort) => writeFileSync(path, bcfBytes(vcf(cohort))),
  bed: (path, cohort) => writeBed(path.replace(/\.bed$/, ''), cohort),
  pgen(path, cohort) {
    const records = cohort.codes.map((row) => ({ type: 0, bytes: mainTrack(0, row) }))
    writeFileSync(path, encodeFixedPgen(records, cohort.samples.length, 2))
    writeFileSync(path.replace(/pgen$/, 'pvar'), pvarText(cohort))
    writeFileSync(path.replace(/pgen$/, 'psam'), psamText(cohort))
  },
  bgen(path, cohort) {
    const calls = [
      [255, 0],
      [0, 255],
      [0, 0],
    ]
    const variants = cohort.codes.map((row, v) => ({
      rsid: cohort.keys.rsid[v],
      chromosome: cohort.keys.chromosome[v],
      position: cohort.keys.position[v],
      alleles: [cohort.keys.ref[v], cohort.keys.alt[v]],
      calls: row.map((code) => (code === 3 ? { missing: true, values: [0, 0] } : { values: calls[code] })),
    }))
    writeFileSync(path, bgenBytes({ layout: 2, compression: 'zlib', ids: cohort.samples, variants }))
  },
}

const inOrder = samples.map((_, s) => s)
const backwards = [...inOrder].reverse()
const on = (name: string) => (site: Site) => site.chromosome === name

async function imported(
  format: string,
  files: readonly string[],
  options: Partial<Parameters<typeof importGenotypes>[0]> = {},
) {
  const given = files.map((path) => ({ path, format, ...(format === 'bgen' && { ref: 'first' as const }) }))
  const out = join(folder, `store-${random()}`)
  const { sexes: _, ...summary } = await importGenotypes({ files: given, build: 'GRCh38', ...options }, out, workshop())
  return summary
}

describe.each(Object.keys(writers))('several %s files of one cohort', (format) => {
  const path = (name: string) => join(folder, `${format}-${name}.${format}`)
  const write = (name: string, cohort: Cohort) => writers[format](path(name), cohort)

  test('one a chromosome, in any order, with people in any order, are the cohort', async () => {
    await write(
      'all',
      part(() => true, inOrder, false),
    )
    await write('one', part(on('1'), backwards, false))
    await write('two', part(on('2'), inOrder, false))
    await write('x', part(on('X'), backwards, false))
    const whole = await imported(format, [path('all')])
    expect(whole.variants).toBe(sites.length)
    for (const order of [
      ['one', 'two', 'x'],
      ['x', 'one', 'two'],
    ])
      expect((await imported(format, order.map(path))).storeDigest).toBe(whole.storeDigest)
  })

  test('what two files both hold counts once, and is counted', async () => {
    const middle = ({ position }: Site) => position > 1000 && position < 3000
    const first = ({ position }: Site) => position < 2000
    await write('first', part(first, inOrder, false))
    await write(
      'rest',
      part((site) => !first(site) || middle(site), backwards, false),
    )
    const whole = await imported(format, [path('all')])
    const both = await imported(format, [path('rest'), path('first')])
    const shared = sites.filter((site) => first(site) && middle(site)).length
    expect(shared).toBeGreaterThan(20)
    expect(both.dropped).toEqual({ 'duplicate of an earlier variant': shared })
    expect(both.storeDigest).toBe(whole.storeDigest)
  })

  test('a file with other people is refused, and both files are named', async () => {
    await write('other', {
      ...part(on('2'), inOrder, false),
      samples: samples.map((id, s) => (s === 4 ? 'Q4' : id)),
    })
    await write('fewer', part(on('2'), inOrder.slice(1), false))
    for (const [name, words] of [
      ['other', 'has the sample Q4'],
      ['fewer', 'does not have the sample P00'],
    ]) {
      const error: unknown = await imported(format, [path('one'), path(name)]).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'FormatInvalid', place: { file: path(name) } })
      expect(String(error)).toContain(`${words}, unlike ${path('one')}`)
    }
  })

  test('a reference sequence turns round what a file has exchanged', async () => {
    const fasta = join(folder, 'genome.fa')
    writeFileSync(fasta, names.map((name, c) => `>chr${name}\n${genome[c]}\n`).join(''))
    await write(
      'turned',
      part(() => true, inOrder, true),
    )
    const reference = await openReference(host, fasta)
    try {
      const whole = await imported(format, [path('all')])
      const turned = await imported(format, [path('turned')], { reference })
      expect(turned.reference).toMatchObject({
        compared: sites.length,
        exchanged: sites.filter(({ turned }) => turned).length,
        dropped: {},
      })
      expect(turned.storeDigest).toBe(whole.storeDigest)
    } finally {
      await reference.close()
    }
  })
})
