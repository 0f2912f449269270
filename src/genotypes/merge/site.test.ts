import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type MergeRules, mergeSite, type SiteVariant } from './site.ts'

const usual: MergeRules = { ambiguous: 'drop', strand: 'drop', require: 'all' }

const variant = (text: string): SiteVariant => {
  const [ref, alt] = text.split('>')
  return { ref, alt }
}

/** One text a cohort: its variants at the position, `A>G A>T`. */
function decide(cohorts: readonly string[], rules: Partial<MergeRules> = {}) {
  const site = cohorts.map((text) => text.split(' ').filter(Boolean).map(variant))
  const { merged, rows } = mergeSite(site, { ...usual, ...rules })
  return {
    // Exchanged calls have a star, absent ones a dash.
    merged: merged.map(
      ({ ref, alt, from }) =>
        `${ref}>${alt} ${from.map(({ variant: v, exchange }) => (v < 0 ? '-' : `${v}${exchange ? '*' : ''}`)).join(' ')}`,
    ),
    rows: rows.map(
      (row) =>
        `${row.ref}>${row.alt} ${row.action}: ${row.reason} [${row.cohorts.join(' ')}] ${row.alleles.join(' | ')}`,
    ),
  }
}

describe('variants of several cohorts at one position', () => {
  test('equal ones become one, whatever their kind and number', () => {
    expect(decide(['A>G', 'A>G'])).toEqual({ merged: ['A>G 0 0'], rows: [] })
    expect(decide(['A>AT C>CAA', 'C>CAA A>AT', 'A>AT C>CAA'])).toMatchObject({ merged: ['A>AT 0 1 0'] })
    expect(decide(['A>G A>C', 'A>C A>G'])).toEqual({ merged: ['A>C 1 0', 'A>G 0 1'], rows: [] })
  })

  test('strand-ambiguous SNVs are left out, or kept where all agree as written', () => {
    for (const text of ['A>T', 'T>A', 'C>G', 'G>C'])
      expect(decide([text, text])).toEqual({
        merged: [],
        rows: [`${text} dropped: strand-ambiguous [0 1] ${text} | ${text}`],
      })
    expect(decide(['A>T', 'A>T'], { ambiguous: 'keep' })).toEqual({ merged: ['A>T 0 0'], rows: [] })
    expect(decide(['A>T', 'T>A'], { ambiguous: 'keep' })).toEqual({
      merged: [],
      rows: ['A>T dropped: strand-ambiguous [1] A>T | T>A'],
    })
  })

  test('exchanged alleles are exchanged back, of SNVs alone', () => {
    expect(decide(['A>G', 'G>A'])).toEqual({
      merged: ['A>G 0 0*'],
      rows: ['A>G exchanged: reference and alternate exchanged [1] A>G | G>A'],
    })
    expect(decide(['', 'C>A', 'A>C'], { require: 'any' }).merged).toEqual(['C>A - 0 0*'])
    // An insertion and a deletion can look like one another exchanged.
    expect(decide(['A>AT', 'AT>A']).merged).toEqual([])
    expect(decide(['A>AT', 'AT>A']).rows).toEqual([
      'A>AT dropped: other alleles at the position [1] A>AT | ',
      'AT>A dropped: other alleles at the position [0]  | AT>A',
    ])
  })

  test('the other strand is left out, or complemented when asked for', () => {
    expect(decide(['A>G', 'T>C'])).toEqual({
      merged: [],
      rows: ['A>G dropped: alleles of the other strand [1] A>G | T>C'],
    })
    expect(decide(['A>G', 'C>T']).merged).toEqual([])
    const flip = { strand: 'flip' } as const
    expect(decide(['A>G', 'T>C'], flip)).toEqual({
      merged: ['A>G 0 0'],
      rows: ['A>G flipped: alleles of the other strand [1] A>G | T>C'],
    })
    expect(decide(['A>G', 'C>T'], flip).merged).toEqual(['A>G 0 0*'])
    expect(decide(['A>G', 'T>C', 'G>A'], flip)).toEqual({
      merged: ['A>G 0 0 0*'],
      rows: [
        'A>G exchanged: reference and alternate exchanged [2] A>G | T>C | G>A',
        'A>G flipped: alleles of the other strand [1] A>G | T>C | G>A',
      ],
    })
    // Nothing to be told of ambiguous ones.
    expect(decide(['A>T', 'T>A'], flip).merged).toEqual([])
  })

  test('other alleles, and what only some cohorts have', () => {
    expect(decide(['A>G', 'A>C'])).toEqual({
      merged: [],
      rows: [
        'A>C dropped: other alleles at the position [0]  | A>C',
        'A>G dropped: other alleles at the position [1] A>G | ',
      ],
    })
    expect(decide(['A>G', '']).rows).toEqual(['A>G dropped: not in every cohort [1] A>G | '])
    // A third allele that only one of them saw says nothing against the two that both saw.
    expect(decide(['A>C A>G', 'A>G'])).toEqual({
      merged: ['A>G 1 0'],
      rows: ['A>C dropped: not in every cohort [1] A>C | '],
    })
    // An indel there is not another allele of the SNV.
    expect(decide(['A>G', 'AT>A']).rows.map((row) => row.split(' [')[0])).toEqual([
      'A>G dropped: not in every cohort',
      'AT>A dropped: not in every cohort',
    ])
    const any = { require: 'any' } as const
    expect(decide(['A>G', ''], any)).toEqual({
      merged: ['A>G 0 -'],
      rows: ['A>G kept, missing where absent: not in every cohort [1] A>G | '],
    })
    expect(decide(['A>G', 'A>C'], any).merged).toEqual(['A>C - 0', 'A>G 0 -'])
  })

  test('a position has one reference allele', () => {
    const any = { require: 'any' } as const
    expect(decide(['A>G', 'A>G C>A'], any)).toEqual({
      merged: ['A>G 0 0'],
      rows: ['C>A dropped: another reference allele at the position [1]  | C>A'],
    })
    expect(decide(['A>G', 'C>A'], any).merged).toEqual(['A>G 0 -'])
    expect(decide(['A>G', 'CT>C']).rows[1]).toBe('CT>C dropped: another reference allele at the position [1]  | CT>C')
  })

  test('one variant twice in a cohort, written differently, is left out everywhere', () => {
    expect(decide(['A>G', 'A>G G>A'])).toEqual({
      merged: [],
      rows: ['A>G dropped: the same variant twice in one cohort, written differently [1] A>G | A>G, G>A'],
    })
    expect(decide(['A>G T>C', 'A>G'], { strand: 'flip' }).merged).toEqual([])
  })
})

test('the order of cohorts decides orientation alone, and nobody is counted twice', () => {
  const snv = fc
    .tuple(fc.constantFrom(...'ACGT'), fc.constantFrom(...'ACGT'))
    .filter(([ref, alt]) => ref !== alt)
    .map(([ref, alt]) => ({ ref, alt }))
  const indel = fc.constantFrom(variant('A>AT'), variant('AT>A'), variant('AT>GC'), variant('C>CA'))
  const cohort = fc.uniqueArray(fc.oneof(snv, indel), { maxLength: 4, selector: ({ ref, alt }) => `${ref}>${alt}` })
  const rules = fc.record({
    ambiguous: fc.constantFrom('drop' as const, 'keep' as const),
    strand: fc.constantFrom('drop' as const, 'flip' as const),
    require: fc.constantFrom('all' as const, 'any' as const),
  })
  fc.assert(
    fc.property(fc.array(cohort, { minLength: 2, maxLength: 4 }), rules, (site, how) => {
      const { merged, rows } = mergeSite(site, how)
      const used = merged.flatMap(({ from }) => from.flatMap(({ variant: v }, c) => (v < 0 ? [] : [`${c} ${v}`])))
      expect(new Set(used).size).toBe(used.length)
      // Every variant that is not used stands in a row that says that it was dropped.
      for (const [c, variants] of site.entries())
        for (const [v, { ref, alt }] of variants.entries())
          if (!used.includes(`${c} ${v}`))
            expect(
              rows.some((row) => row.action === 'dropped' && row.alleles[c].split(', ').includes(`${ref}>${alt}`)),
            ).toBe(true)
      for (const { ref, alt, from } of merged) {
        if (how.require === 'all') expect(from.every(({ variant: v }) => v >= 0)).toBe(true)
        for (const [c, { variant: v, exchange }] of from.entries()) {
          if (v < 0) continue
          const own = exchange ? { ref: site[c][v].alt, alt: site[c][v].ref } : site[c][v]
          if (how.strand === 'drop') expect(own).toEqual({ ref, alt })
          else expect([ref, ['A', 'C', 'G', 'T']['TGCA'.indexOf(ref)]]).toContain(own.ref)
        }
      }
      expect(new Set(merged.map(({ ref }) => ref[0])).size).toBeLessThanOrEqual(1)
      // The other way round the same variants are merged, in another orientation perhaps.
      const backwards = mergeSite([...site].reverse(), how)
      if (how.require === 'all' && site.every((variants) => variants.length < 2))
        expect(backwards.merged.length).toBe(merged.length)
    }),
    { numRuns: 3000 },
  )
})
