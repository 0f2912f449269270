/** A refusal, with the line counted from the first line scanned (0-based) and the byte within the line (0-based). */
export interface LineFailure {
  readonly message: string
  readonly line: number
  readonly column: number
  /** Sample column (0-based) that the refusal is about; absent for other columns. */
  readonly sample?: number
}

/** Refusals of the kernel by number (kernels/assembly/vcf.ts, vcf-info.ts, vcf-cells.ts). */
const sentences: Readonly<Record<number, string>> = {
  1: 'a header line stands among the records',
  2: 'the line ends before its last column',
  3: 'there is a control character where a tab should be',
  4: 'the chromosome is empty',
  5: 'the position is not a whole number below 2^31',
  6: 'the ID is empty; write "." where there is none',
  7: 'the reference allele is not a sequence of A, C, G, T and N',
  8: 'an alternate allele is neither a sequence nor a symbolic allele, breakend, "*" or "."',
  9: 'QUAL is neither a number nor "."',
  10: 'FILTER is empty; write "PASS" or "."',
  11: 'INFO is empty; write "." where there is none',
  12: 'FORMAT is empty',
  13: 'GT must be the first key of FORMAT',
  14: 'the line has more columns than the header',
  16: 'the genotype is malformed or names an allele that the record does not have',
  17: 'the genotype is empty or malformed',
  18: 'the record has too many alternate alleles',
  19: 'an alternate allele is named twice; name it once and let the genotypes refer to that one',
  20: 'the reference allele has an ambiguity code; write the first of its bases instead',
  21: 'an alternate allele has an ambiguity code; only A, C, G, T and N are bases',
  22: 'QUAL is below zero',
  23: 'the dosage is not a number of copies from 0 to 2 (to 1 for a haploid call)',
  30: 'the chromosome has a character that a name may not have, or a bracket that is not closed',
  31: 'a chromosome with a colon or an asterisk in its name needs a ##contig line; without one it cannot be told from a breakend',
  32: 'the ID has an empty part or a space; identifiers are parted by one semicolon each',
  33: 'an ID is named twice',
  34: 'FILTER has an empty part, a space, or "." or "0" beside a filter',
  35: 'a filter is named twice',
  36: 'a key is empty or has a character that a key may not have',
  37: 'the key is given twice',
  38: 'the key is a flag and has no value',
  39: 'the key needs a value',
  48: 'there are more than 1,024 keys that the header does not declare',
  50: 'a key of FORMAT is empty or has a character that a key may not have; before VCF 4.3 keys other than letters and digits need a ##FORMAT line',
  51: 'a key of FORMAT is given twice',
  52: 'FORMAT has more than 256 keys',
  53: 'there are more values than FORMAT has keys',
  54: 'a value is empty; write "." where there is none',
}

/** Refusals of values: INFO from 40 on, samples from 60 on. */
const valueSentences: readonly string[] = [
  '',
  'the value is not a whole number (of 32 bits, from VCF 4.3 on)',
  'the value is not a number',
  'the value is not one character',
  'the value is below zero',
  'the value is not a CIGAR string',
  'the number of values is not the one that is declared or reserved for these alleles',
  'a value is empty; write "." where there is none',
]

const infoValues = 40
const sampleValues = 60
const dropInfo = '; correct it, or leave INFO out with bcftools annotate -x INFO'
const dropKey = (key: string) => `; correct it, or leave it out with bcftools annotate -x FORMAT/${key}`

const tab = 9

/** The failure for a refusal at a byte of a line of text, without its line feed. */
export function lineFailure(code: number, text: Uint8Array, line: number, column: number): LineFailure {
  const tabs = text.subarray(0, column).filter((byte) => byte === tab).length
  const decoded = (from: number, to: number) => new TextDecoder().decode(text.subarray(from, Math.min(to, from + 200)))
  if (code > infoValues && code < infoValues + valueSentences.length)
    return { message: `INFO ${infoKey()}: ${valueSentences[code - infoValues]}${dropInfo}`, line, column }
  if (code >= 36 && code <= 39) return { message: `INFO ${infoKey()}: ${sentences[code]}${dropInfo}`, line, column }
  if (tabs < 9) return { message: sentences[code], line, column }
  const key = formatKey()
  const sentence = code > sampleValues ? `${valueSentences[code - sampleValues]}${dropKey(key)}` : sentences[code]
  return {
    message: key === '' || code === 3 || code === 14 ? sentence : `${key}: ${sentence}`,
    line,
    column,
    sample: tabs - 9,
  }

  /** The key whose value, or that itself, stands at the column. */
  function infoKey(): string {
    let from = column
    while (from > 0 && text[from - 1] !== tab && text[from - 1] !== 59) from--
    let to = from
    while (to < text.length && text[to] > 32 && text[to] !== 61 && text[to] !== 59) to++
    return decoded(from, to)
  }

  function formatKey(): string {
    let colons = 0
    for (let at = column - 1; at >= 0 && text[at] !== tab; at--) if (text[at] === 58) colons++
    let from = 0
    for (let passed = 0; passed < 8; passed++) from = text.indexOf(tab, from) + 1
    return decoded(from, text.indexOf(tab, from)).split(':')[colons] ?? ''
  }
}
