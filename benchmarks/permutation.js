// Family-wise relabelling beside PLINK, one thread each, processor time:
//   npm run build && npm run bench permutation [VARIANTS [LABEL SETS [ROUNDS]]]        1,000,000 1,000 3
// 22 cases of 125 people, copies of alt in proportion to 1/k, 1% of calls missing. Upturn's smallest exact trend p over all variants
// of every label set, uniform and conditional on fitted risks; plink1.9 --assoc mperm takes the largest allelic chi-square. Upturn counts (c, T) of
// every label set at every variant (but where an identical column was counted before) and looks p up where it could be a minimum. Compared
// first: that a scan which counts pairs one by one and looks all of them up finds the same minima (timed once),
// and that the uniform minima over 500 variants are those of exact trend tests of the genotypes in the BED file, one by one. The
// statistics differ, and PLINK's label sets are its own, so its family-wise p cannot be the same. With gcc, a native loop
// that does nothing but the addition (adder.c) is measured beside it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { report, requirePeers, upturn } from './genotypes.js'
import { interleave, measure } from './measure.js'
import { writeSpectrum } from './spectrum.js'

const dist = new URL('../dist/', import.meta.url)
const load = (path) => import(new URL(path, dist).href)

const people = 125
const cases = 22
if (process.argv[2] === '--scan') {
  const [, , , folder, phenotypes, sets, family, skip] = process.argv
  const result = await scan(folder, phenotypes, { sets: Number(sets), family: Number(family), skip: skip === 'skip' })
  console.log(JSON.stringify({ ...result, design: undefined, minima: Array.from(result.minima) }))
} else {
  requirePeers('plink1.9')
  const variants = Number(process.argv[2] ?? 1_000_000)
  const sets = Number(process.argv[3] ?? 1000)
  const rounds = Number(process.argv[4] ?? 3)
  const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-permutation-'))
  const at = (name) => join(scratch, name)
  try {
    writeSpectrum(at('a'), { people, cases, variants })
    await upturn('import', at('a.bed'), '--out', at('store'), '--quiet')
    const kept = {}
    const own = (name, family, skip) => async () => {
      const run = await measure(process.execPath, [
        new URL(import.meta.url).pathname,
        ...['--scan', at('store'), at('a.tsv'), String(sets), String(family), skip],
      ])
      const { minima, seconds, skipped, tested } = JSON.parse(run.stdout)
      kept[name] = { minima, skipped, tested }
      return { ...run, seconds, processor: seconds }
    }
    const plink = async () => {
      const run = await measure('plink1.9', [
        ...['--bfile', at('a'), '--assoc', `mperm=${sets}`, '--threads', '1', '--out', at('p')],
      ])
      return { ...run, seconds: run.processor }
    }
    const arms = {
      'upturn, uniform': own('uniform', 1, 'skip'),
      'upturn, fitted risks': own('weighted', 0, 'skip'),
      'plink1.9 mperm': plink,
    }
    for (const arm of Object.values(arms)) await arm()
    await compareOneByOne(at('a.bed'), at('store'), at('a.tsv'))
    for (const [name, family] of [
      ['uniform', 1],
      ['weighted', 0],
    ]) {
      const { seconds } = await own(`${name} whole`, family, 'whole')()
      const [whole, quick] = [kept[`${name} whole`], kept[name]]
      if (whole.skipped !== 0 || whole.minima.some((p, r) => p !== quick.minima[r]))
        throw new Error(`${name}: the minima are not those of every pair`)
      console.log(`${name}: the same ${sets} minima as one by one, which took ${seconds.toFixed(1)} s`)
    }
    report(await interleave(arms, rounds), `${variants} variants, ${people} people, ${sets} label sets, one thread`)
    nativeAdder(at('adder'), sets, variants)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Variant-sets a second of bit-sliced addition alone in native code. */
function nativeAdder(program, sets, variants) {
  const source = new URL('adder.c', import.meta.url).pathname
  for (const flags of [['-msse4.2'], ['-march=native']]) {
    try {
      execFileSync('gcc', ['-O3', '-Wno-psabi', ...flags, source, '-o', program])
    } catch {
      console.log('no gcc: the native loop is not measured')
      return
    }
    const rate = Number(
      execFileSync(program, [people, cases, sets, variants].map(String), {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    )
    console.log(`native addition alone, ${flags[0]}: ${(rate / 1e9).toFixed(2)} G variant-sets/s`)
  }
}

/** Proves the uniform minima of 20 label sets over the first 500 variants by an exact trend test of every table. */
async function compareOneByOne(bed, folder, phenotypes) {
  const variants = 500
  const sets = 20
  const keep = new Uint8Array(1 << 20)
  for (let v = 0; v < variants; v++) keep[v >> 3] |= 1 << (v & 7)
  const { minima, design } = await scan(folder, phenotypes, { sets, family: 1, skip: true, keep })
  const [{ LabelSets }, { exactTrend }] = await Promise.all([
    load('statistics/labels/index.js'),
    load('statistics/exact/index.js'),
  ])
  const stride = Math.ceil(people / 4)
  const bytes = readFileSync(bed).subarray(3, 3 + variants * stride)
  const { scheme, purpose } = design.families[1]
  const drawn = new LabelSets(scheme)
  for (let r = 0; r < sets; r++) {
    const chosen = new Set(drawn.draw(design.seed, purpose, r))
    let least = 0
    for (let v = 0; v < variants; v++) {
      const counts = [0, 0, 0, 0, 0, 0]
      for (let i = 0; i < people; i++) {
        const code = (bytes[v * stride + (i >> 2)] >> (2 * (i & 3))) & 3
        if (code !== 1) counts[(chosen.has(i) ? 0 : 3) + [2, 0, 1, 0][code]]++
      }
      const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts
      least = Math.min(least, exactTrend({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }).logP)
    }
    if (Math.abs(least - minima[r]) > 1e-11 * Math.max(1, Math.abs(least)))
      throw new Error(`label set ${r}: ${minima[r]} where one by one the smallest log p is ${least}`)
  }
  console.log(`${sets} minima over ${variants} variants are those of exact trend tests one by one`)
}

/** Minima of one family (0 conditional on fitted risks, 1 uniform) over a store, in this thread. */
async function scan(folder, phenotypes, { sets, family, skip, keep = null }) {
  const { installKernels } = await load('numerics/kernels.js')
  installKernels(new WebAssembly.Module(readFileSync(new URL('kernels/kernels.wasm', dist))))
  const [{ designStudy }, { scanFamilies }, { scanSetup }, { runInline }, { openStore }, { nodeHost }] =
    await Promise.all(
      [
        'association/index.js',
        'association/family-minima.js',
        'association/scan.js',
        'compute/task.js',
        'genotypes/index.js',
        'host/node/index.js',
      ].map(load),
    )
  const host = nodeHost()
  const store = await openStore(host, folder)
  const [header, ...lines] = readFileSync(phenotypes, 'utf8').trim().split('\n')
  const names = header.split('\t').slice(3)
  const rows = lines.map((line) => line.split('\t'))
  const { design } = designStudy({
    header: store.header,
    people: rows.map((row) => ({ sample: row[1], case: row[2] === '2', sex: null })),
    covariates: names.map((name, j) => ({ name, values: rows.map((row) => Number(row[3 + j])) })),
    seed: 1,
    primary: { test: 'family', alpha: 0.05, rule: 'as written' },
    permutations: { sets, extend: false },
    sexChromosomes: false,
  })
  await store.close()
  const workshop = {
    host,
    run: runInline(host, new AbortController().signal),
    signal: new AbortController().signal,
    progress() {},
  }
  const request = [{ family: design.families[family], first: 0, count: sets }]
  const before = process.cpuUsage()
  const { minima, skipped } = await scanFamilies(
    design,
    scanSetup(folder, design, keep),
    request,
    { observed: null, label: '', skip },
    workshop,
  )
  const { user, system } = process.cpuUsage(before)
  return {
    seconds: (user + system) / 1e6,
    minima: minima[0],
    skipped: skipped[0],
    tested: design.storeVariants,
    design,
  }
}
