import { open, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Adjudication, type AdjudicationDraft, adjudicationLine, readAdjudications } from '../clinical/index.ts'
import { isUpturnError, UpturnError } from '../errors/index.ts'
import { fileError, fileExists, withPath } from '../host/node/files.ts'
import { nodeHost } from '../host/node/index.ts'
import type { LoadedStudy } from './load.ts'
import { lockFolder } from './lock.ts'

export const adjudicationsName = 'adjudications.jsonl'

/** The study's file of adjudications: the one it names, or adjudications.jsonl beside it; a folder of records has it beside itself. */
export function adjudicationsPath(of: LoadedStudy | string): string {
  if (typeof of === 'string') return join(dirname(resolve(of)), adjudicationsName)
  return resolve(of.folder, of.study.phenotype.adjudications ?? adjudicationsName)
}

/** The study's adjudications as an input: its file where it is named, or there; empty where nobody has judged yet. */
export async function adjudicationInputs(loaded: LoadedStudy): Promise<string[]> {
  const path = adjudicationsPath(loaded)
  return loaded.study.phenotype.adjudications !== undefined || (await fileExists(path)) ? [path] : []
}

/** Everything in the file, checked; empty where there is none. */
export async function loadAdjudications(path: string): Promise<Adjudication[]> {
  if (!(await fileExists(path))) return []
  const bytes = await withPath(path, () => readFile(path))
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new UpturnError('FileDamaged', 'the file is not UTF-8 text; take it back from a copy', {
      place: { file: path },
      cause,
    })
  }
  return readAdjudications(text, path, nodeHost())
}

/** How long to wait for whoever else is adding a line. */
const patience = 15_000

async function lockOf(path: string): Promise<() => Promise<void>> {
  const until = Date.now() + patience
  for (;;)
    try {
      return await lockFolder(`${path}.lock`)
    } catch (error) {
      if (!isUpturnError(error, 'OutputLocked') || Date.now() > until) throw error
      await sleep(20 + 30 * Math.random())
    }
}

/**
 * Adds one line at the end of the file, which is read and checked first; one writer at a time, and the line is on the disk when this returns. Nothing is ever changed
 * or taken out.
 */
export async function addAdjudication(path: string, draft: AdjudicationDraft, when: Date): Promise<Adjudication[]> {
  const unlock = await lockOf(path)
  try {
    const before = await loadAdjudications(path)
    const line = adjudicationLine(draft, when, before, nodeHost())
    try {
      const handle = await open(path, 'a')
      try {
        await handle.writeFile(line)
        await handle.datasync()
      } finally {
        await handle.close()
      }
    } catch (error) {
      throw fileError(error, path)
    }
    return await loadAdjudications(path)
  } finally {
    await unlock()
  }
}
