import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import type { Sex } from '../import/file.ts'
import type { BgenHeader } from './header.ts'
import { parseOxfordSample } from './sample.ts'

/** Ten million people with long ids. */
const sampleBytesLimit = 1 << 30
/** The most people that are numbered. */
const numberedLimit = 2_000_000

/** The path of the `.sample` file that goes with a BGEN file by name. */
export function samplePathBeside(path: string): string {
  return path.replace(/\.bgen$/i, '').concat('.sample')
}

/**
 * The people of a BGEN file in its order: of the `.sample` file that is given, or of the one beside the BGEN file by the
 * same name, or of the BGEN file itself. Where both name people they must agree line by line: the id in the BGEN file is
 * ID_1, ID_2 or `ID_1_ID_2`.
 * @param numberPeople number the people where nobody names them, instead of refusing
 */
export async function bgenPeople(
  host: Host,
  path: string,
  header: BgenHeader,
  { sample, numberPeople = false }: { sample?: string; numberPeople?: boolean },
  signal?: AbortSignal,
): Promise<{ samples: readonly string[]; sexes: readonly Sex[]; numbered: boolean }> {
  const { ids } = header
  const beside = samplePathBeside(path)
  const from = sample ?? ((await host.exists(beside)) ? beside : undefined)
  if (from === undefined) {
    if (ids !== null) return { samples: ids, sexes: ids.map(() => null), numbered: false }
    if (!numberPeople || header.samples > numberedLimit)
      throw new UpturnError(
        'FormatInvalid',
        `the file does not name its ${header.samples} people and there is no ${beside}; name their .sample file (sample: in a study file, --sample-file on the command line)`,
        { place: { file: path } },
      )
    const samples = Array.from({ length: header.samples }, (_, s) => String(s + 1))
    return { samples, sexes: samples.map(() => null), numbered: true }
  }
  const source = await host.open(from)
  let text: string
  try {
    if (source.size > sampleBytesLimit)
      throw new UpturnError('FormatInvalid', 'the .sample file is larger than 1 GiB', { place: { file: from } })
    text = new TextDecoder().decode(await source.read(0, source.size, signal))
  } finally {
    await source.close()
  }
  const people = parseOxfordSample(text, from)
  if (people.length !== header.samples)
    throw new UpturnError(
      'FormatInvalid',
      `this file names ${people.length} people, ${path} holds ${header.samples}; they do not belong together`,
      { place: { file: from } },
    )
  if (ids !== null)
    for (const [s, { id1, id, line }] of people.entries())
      if (ids[s] !== id && ids[s] !== id1 && ids[s] !== `${id1}_${id}`)
        throw new UpturnError(
          'FormatInvalid',
          `person ${s + 1} is ${id} here and ${ids[s]} in ${path}; to give people other names, write the BGEN file's ids as ID_1 and the new ones as ID_2`,
          { place: { file: from, line } },
        )
  return { samples: people.map(({ id }) => id), sexes: people.map(({ sex }) => sex), numbered: false }
}
