// npm run accuracy: writes docs/accuracy.md, how far every number is from what it should be, by function. Needs a build and
// what lies in the repository, nothing else. The same bytes on every Node.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { description } from './accuracy/description.js'
import { exactTests } from './accuracy/exact-tests.js'
import { geneTests } from './accuracy/gene-tests.js'
import { genotypeTables } from './accuracy/genotype-tables.js'
import { labelSets } from './accuracy/label-sets.js'
import { latent } from './accuracy/latent.js'
import { likelihoods } from './accuracy/likelihoods.js'
import { planning } from './accuracy/planning.js'
import { biomarkers, firth, mixedModel } from './accuracy/regressions.js'
import { specialFunctions } from './accuracy/special-functions.js'
import { strata } from './accuracy/strata.js'
import { meta } from './accuracy/studies.js'
import { survival } from './accuracy/survival.js'

const root = new URL('../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { installKernels, kernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(fileURLToPath(new URL('kernels/build/kernels.wasm', root)))))
const special = await load('numerics/special.js')
const { RandomStream } = await load('numerics/random.js')
const statistics = await load('statistics/index.js')

const page = `# Accuracy

How far the program's numbers are from numbers made elsewhere, function by function: how many were compared, the worst error, the root of the mean square, and the bar beyond which
\`npm run accuracy\`, which writes this page, fails. The oracles' inputs and numbers lie in \`tests/oracles\`, each folder with a README that says how they were made; enumerations marked *this page* are made by the
script itself, in integers. Errors are taken in exact arithmetic, so none is hidden by rounding in the comparison.

${[
  specialFunctions(special),
  exactTests(statistics, RandomStream),
  strata(statistics, RandomStream, special),
  firth(statistics, kernels),
  likelihoods(statistics),
  labelSets(statistics, RandomStream, special.exp),
  geneTests(statistics, RandomStream, special),
  mixedModel(statistics),
  latent(statistics, special.log),
  meta(statistics),
  survival(statistics, await load('clinical/matching/mahalanobis.js')),
  biomarkers(statistics, special.log),
  description(statistics, RandomStream, special),
  planning(statistics, special, await load('planning/index.js')),
  genotypeTables(),
].join('\n')}`
writeFileSync(fileURLToPath(new URL('docs/accuracy.md', root)), page)
