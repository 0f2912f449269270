import { clean, html, type Markup } from '../markup.ts'
import { count, fixed } from '../numbers.ts'
import type { Study } from '../study.ts'
import { dataTable } from './figure.ts'

const bytes = (n: number): string =>
  n >= 1e9
    ? `${fixed(n / 1e9, 1)} GB`
    : n >= 1e6
      ? `${fixed(n / 1e6, 1)} MB`
      : n >= 1e3
        ? `${fixed(n / 1e3, 1)} kB`
        : `${count(n)} B`

/** Digests, stages and inputs: what somebody needs to get the same again. */
export function provenanceSection(study: Study): Markup {
  const { manifest } = study.results
  return html`<section id="provenance" aria-labelledby="h-provenance" class="wrap-any"><h2 id="h-provenance">Provenance</h2>
<p>Result digest <code>${clean(manifest.resultDigest, 128)}</code>. The same inputs and study file give the same digest on any machine, with any number of workers.</p>
${manifest.primary ? html`<p>Primary test frozen at ${clean(manifest.primary.frozenAt, 60)}, before genotypes and labels were joined.</p>` : null}
<h3>Stages</h3>
${dataTable(
  {
    columns: ['Stage', 'Version', 'Seconds', 'Digest'],
    rows: manifest.stages.map((s) => [
      clean(s.stage, 30),
      s.version,
      s.cached ? 'from cache' : fixed(s.seconds, 1),
      clean(s.digest, 80).slice(0, 16),
    ]),
  },
  'Stages',
  false,
)}
<h3>Inputs</h3>
${dataTable(
  {
    columns: ['File', 'Size', 'SHA-256'],
    rows: manifest.inputs.map((i) => [clean(i.path, 120), bytes(i.bytes), clean(i.sha256, 64)]),
  },
  'Inputs',
  false,
)}
<p class="dek">Upturn ${clean(manifest.upturn, 20)}, ${clean(manifest.machine.platform, 30)}, Node ${clean(manifest.machine.node, 20)}, ${count(manifest.machine.workers)} workers on ${count(manifest.machine.cores)} cores, ${fixed(manifest.seconds, 0)} seconds.</p>
</section>`
}
