import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withPath } from '../host/node/files.ts'
import type { LoadedStudy } from './load.ts'

/** Text of every definition file: those of the package, then the user's own. */
export function definitionFiles(loaded: LoadedStudy): Promise<{ file: string; text: string }[]> {
  const own = loaded.study.phenotype.definitions
  return definitionTexts(own === undefined ? undefined : resolve(loaded.folder, own))
}

/** The same where there is no study: those of the package, then those of `own`, an absolute path. */
export async function definitionTexts(own?: string): Promise<{ file: string; text: string }[]> {
  const folders = [fileURLToPath(new URL('../../definitions/', import.meta.url)), ...(own === undefined ? [] : [own])]
  const files: { file: string; text: string }[] = []
  for (const folder of folders)
    for (const name of (await withPath(folder, () => readdir(folder))).sort())
      if (/\.ya?ml$/.test(name)) {
        const file = join(folder, name)
        files.push({ file, text: await withPath(file, () => readFile(file, 'utf8')) })
      }
  return files
}
