// Starts the Chromium that the registry package carries, as any user, with no system package: its own archive also
// holds the nspr and nss libraries and fonts, which are put in front of the library path of the child alone.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'

const cache = fileURLToPath(new URL('../../node_modules/.cache/upturn-chromium/', import.meta.url))
const version = '147.0.0'

/** Unpacks once, beside the other build leftovers; safe when several processes do it together. Returns the folder. */
async function unpack(): Promise<string> {
  const folder = join(cache, version)
  if (existsSync(join(folder, 'chromium'))) return folder
  mkdirSync(cache, { recursive: true })
  const building = mkdtempSync(join(cache, 'unpacking-'))
  const before = { TMPDIR: process.env.TMPDIR, AWS_EXECUTION_ENV: process.env.AWS_EXECUTION_ENV }
  // The package unpacks its libraries only where it believes itself on this host, and always into the temporary folder.
  process.env.TMPDIR = building
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs20.x'
  const library = process.env.LD_LIBRARY_PATH
  const fonts = process.env.FONTCONFIG_PATH
  try {
    const packaged = (await import('@sparticuz/chromium')).default
    await packaged.executablePath()
    renameSync(building, folder)
  } catch (error) {
    rmSync(building, { recursive: true, force: true })
    if (!existsSync(join(folder, 'chromium'))) throw error
  } finally {
    restore({ ...before, LD_LIBRARY_PATH: library, FONTCONFIG_PATH: fonts })
  }
  return folder
}

function restore(variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
}

/** A headless Chromium; the caller closes it. */
export async function startChromium(): Promise<Browser> {
  const folder = await unpack()
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-zygote', '--font-render-hinting=none'],
    env: {
      ...environment,
      HOME: environment.HOME ?? tmpdir(),
      LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), environment.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    },
  })
}
