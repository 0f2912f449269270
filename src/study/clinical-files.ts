import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withPath } from '../host/node/files.ts'
import type { LoadedStudy } from './load.ts'

/** Text of every definition file: those of the package, then the user's own. */
export async function definitionFiles(loaded: LoadedStudy): Promise<{ file: string; text: string }[]> {
  const folders = [fileURLToPath(new URL('../../definitions/', import.meta.url))]
  if (loaded.study.phenotype.definitions !== undefined)
    folders.push(resolve(loaded.folder, loaded.study.phenotype.definitions))
  const files: { file: string; text: string }[] = []
  for (const folder of folders)
    for (const name of (await withPath(folder, () => readdir(folder))).sort())
      if (/\.ya?ml$/.test(name)) {
        const file = join(folder, name)
        files.push({ file, text: await withPath(file, () => readFile(file, 'utf8')) })
      }
  return files
}
