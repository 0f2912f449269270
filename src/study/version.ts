import { readFileSync } from 'node:fs'

/** The version in package.json, which lies two folders above both src/study and dist/study. */
export function upturnVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version
}
