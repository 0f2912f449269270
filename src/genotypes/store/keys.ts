import { UpturnError } from '../../errors/index.ts'
import type { VariantKeys } from './layout.ts'

/** Key lines of a block as columns. */
export function decodeKeys(bytes: Uint8Array, count: number, file: string): VariantKeys {
  const lines = new TextDecoder().decode(bytes).split('\n')
  if (lines.length !== count + 1 || lines[count] !== '') throw keysDamaged(file)
  const keys = {
    chromosome: new Array<string>(count),
    position: new Int32Array(count),
    ref: new Array<string>(count),
    alt: new Array<string>(count),
    rsid: new Array<string>(count),
  }
  for (let v = 0; v < count; v++) {
    const fields = lines[v].split('\t')
    if (fields.length !== 5) throw keysDamaged(file)
    keys.chromosome[v] = fields[0]
    keys.position[v] = Number(fields[1])
    keys.ref[v] = fields[2]
    keys.alt[v] = fields[3]
    keys.rsid[v] = fields[4]
  }
  return keys
}

export function keysDamaged(file: string): UpturnError {
  return new UpturnError(
    'FileDamaged',
    'the variant keys of a genotype store are damaged; import the genotypes again',
    {
      place: { file },
    },
  )
}
