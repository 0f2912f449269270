import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The installed package: two folders above both src/study and dist/study. */
export const packageFolder = fileURLToPath(new URL('../../', import.meta.url))

/** The version in package.json. */
export function upturnVersion(): string {
  return (JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')) as { version: string }).version
}
