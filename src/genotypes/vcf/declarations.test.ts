import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { readDeclarations } from './declarations.ts'
import { isMistake, parseStructured } from './meta-line.ts'
import { type VcfVersion, vcfVersions, versionRules } from './version.ts'

function refusal(lines: readonly string[], version: VcfVersion) {
  try {
    readDeclarations([`##fileformat=VCFv${version}`, ...lines], versionRules(version), 'a.vcf')
    return undefined
  } catch (error) {
    if (!isUpturnError(error, 'FormatInvalid')) throw error
    return { message: error.message, ...error.place }
  }
}

test("declarations are gathered, and programs' own lines left alone", () => {
  const lines = [
    '##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP, build \\"129\\" \\\\",Source="dbsnp",Version="129">',
    '##FORMAT=<ID=GT,Type=String,Number=1,Description="Genotype">',
    '##FORMAT=<ID=PL,Number=.,Type=Integer,Description="">',
    '##contig=<ID=HLA-A*01:01:01:01,length=3503,assembly=38>',
    '##contig=<ID=2>',
    '##contig=<ID=2,length=99>',
    '##ALT=<ID=NON_REF,Description="any other allele">',
    '##ALT=<ID=*,Description="x">',
    '##ALT=<ID=INS:ME:ALU,Description="x">',
    '##GATKCommandLine=<ID=GenotypeGVCFs,CommandLine="a, \\"b\\"",Version=4>',
    '##GATKCommandLine=<ID=GenotypeGVCFs,CommandLine="again">',
    '##chrSet=<autosomePairCt=22,X,Y,XY,M>',
    '##bcftools_viewCommand=view -Oz "x y" <z>; Date=now',
    '##AnalysisTitle=<"no key, only text">',
    '##assembly=GRCh38',
  ]
  const { info, format, contigs } = readDeclarations(['', ...lines], versionRules('4.2'), 'a.vcf')
  expect([...info]).toEqual([['DB', { type: 'Flag', number: '0' }]])
  expect([...format.keys()]).toEqual(['GT', 'PL'])
  expect([...contigs]).toEqual([
    ['HLA-A*01:01:01:01', 3503],
    ['2', 99],
  ])
})

describe('a line that is not well-formed is refused with its place', () => {
  test.each<[string, string, number, VcfVersion?]>([
    ['##INFO=<ID=A,Number=1,Type=Integer,Description="x"', 'closing angle bracket', 50],
    ['##INFO=<ID=A,Number=1,Type=Integer,Description="x" y>', 'a comma or the closing bracket', 51],
    ['##INFO=<ID=A,Number=1,Type=Integer,Description="x>', 'not closed', 48],
    ['##INFO=<ID=A,Number=1,Type=Integer,Description=x>', 'must be in double quotes', 36],
    ['##INFO=<ID=A,Number=1,Type=Integer>', 'needs a Description', 8],
    ['##INFO=<ID=A,ID=B,Number=1,Type=Integer,Description="">', 'ID is given twice', 14],
    ['##INFO=<Number=1,Type=Integer,Description="x",ID=A>', 'must come first', 47],
    ['##INFO=<ID=A,Number=X,Type=Integer,Description="">', 'Number must be', 14],
    ['##INFO=<ID=A,Number=1,Type=Int,Description="">', 'Type must be', 23],
    ['##FORMAT=<ID=A,Number=0,Type=Flag,Description="">', 'Type must be Integer, Float, Character', 25],
    ['##FORMAT=<ID=A,Number=LA,Type=Integer,Description="">', 'Number must be', 16, '4.4'],
    ['##INFO=text', 'enclosed in angle brackets', 8],
    ['##INFO=<ID=,Number=1,Type=Integer,Description="">', 'a value is empty', 12],
    ['##INFO=<ID=A B,Number=1,Type=Integer,Description="">', 'no white space', 9],
    ['##INFO=<ID=a-b,Number=1,Type=Integer,Description="">', 'letters, digits, underscores', 9, '4.3'],
    ['##INFO=<ID=AC,Number=2,Type=Integer,Description="">', 'AC is reserved with Number=A', 15],
    ['##INFO=<ID=AC,Number=1,Type=Integer,Description="">', 'AC is reserved with Number=A', 15, '4.3'],
    ['##FORMAT=<ID=GQ,Number=1,Type=String,Description="">', 'GQ is reserved with Type=Integer', 17],
    ['##FILTER=<ID=q10,Description=low>', 'double quotes', 18],
    ['##ALT=<ID=THIS:THAT,Description="">', 'must be one of DEL', 8],
    ['##ALT=<ID=DEL7,Description="">', 'behind a colon', 8],
    ['##contig=<length=5>', 'contig needs an ID', 10],
    ['##contig=<ID=1,length=five>', 'length of a contig', 16],
    ['##SAMPLE=<ID=S,Mixture=1>', 'needs Genomes', 10],
    ['##SAMPLE=<Assay=x>', 'SAMPLE needs an ID', 10, '4.3'],
    ['##PEDIGREE=<Child=a b>', 'without white space', 13],
    ['##PEDIGREE=<Father=x>', 'PEDIGREE needs an ID', 12, '4.3'],
    ['##META=<ID=A,Type=String,Number=.,Values=none>', 'square brackets', 35, '4.3'],
    ['##assembly=ftp://8080:8080/x', 'must be an address', 12],
    ['##pedigreeDB=<>', 'must be an address', 14],
    ['##two words=x', 'form ##key=value', 3],
  ])('%s', (line, message, column, version = '4.2') => {
    const found = refusal(['##source=x', line], version)
    expect(found?.message).toContain(message)
    expect(found).toMatchObject({ file: 'a.vcf', line: 3, column })
  })

  test('what one version asks for another may not', () => {
    const inAnyOrder = '##INFO=<Number=1,Type=Integer,Description="x",ID=A>'
    expect(vcfVersions.map((version) => refusal([inAnyOrder], version) === undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
    const prefixed = '##FORMAT=<ID=PSL,Number=P,Type=String,Description="">'
    expect(vcfVersions.map((version) => refusal([prefixed], version) === undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
  })

  test('a key that is declared twice', () => {
    const one = '##INFO=<ID=A,Number=1,Type=Integer,Description="x">'
    expect(refusal([one, one.replace('"x"', '"y"')], '4.2')).toBeUndefined()
    expect(refusal([one, one.replace('Number=1', 'Number=2')], '4.2')).toMatchObject({ line: 3 })
    expect(refusal([one, one], '4.3')?.message).toContain('INFO A is declared in line 2, too')
  })
})

test('any line is parsed or refused at a byte of it', () => {
  const piece = fc.constantFrom(
    'ID=',
    'A',
    ',',
    '"',
    '\\',
    '<',
    '>',
    '[',
    ']',
    '=',
    'Number=1',
    'é',
    ' ',
    'Description="x"',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const line = `##INFO=<${pieces.join('')}>`
      const value = parseStructured(line, 7)
      if (isMistake(value)) {
        expect(value.at).toBeGreaterThanOrEqual(7)
        expect(value.at).toBeLessThan(line.length)
      } else for (const { key, at } of value) expect(line.startsWith(`${key}=`, at)).toBe(true)
      for (const version of vcfVersions) {
        const found = refusal([line], version)
        if (found !== undefined) expect(found.column).toBeLessThanOrEqual(line.length)
      }
    }),
    { numRuns: 2000 },
  )
})
