import { writeFile } from 'node:fs/promises'
import { Option } from 'commander'
import type { EffectOf, IncidenceStep } from '../../results/survival.ts'
import { type CliCommand, interruption, list, print } from '../command.ts'
import { exitCode } from '../failure.ts'

const p = (value: number): string =>
  value === 0 ? '<1e-307' : value >= 0.001 ? value.toPrecision(3) : value.toExponential(2)
const number = (value: number | null): string => (value === null ? 'no limit' : value.toPrecision(4))

/** Why there is no ratio. */
const why: Readonly<Record<string, string>> = {
  no_events: 'nothing happened',
  uninformative: 'at no event was anybody else at risk',
  collinear: 'does not differ beyond the others among people at risk together',
  infinite: 'infinite: highest or lowest at every event',
  separated: 'not estimated: another column is infinite',
  too_large: 'people times events are too many',
  not_converged: 'the fit did not settle',
}

const line = (name: string, effect: EffectOf): string =>
  `  ${name.padEnd(30)} ${
    effect.ratio === null
      ? (why[effect.status] ?? effect.status)
      : `${number(effect.ratio)} (${number(effect.low)} to ${number(effect.high)})   p ${p(effect.p ?? 1)}`
  }`

export const survival: CliCommand = {
  usage: 'survival <table>',
  summary: 'time to an event: Cox with Firth’s penalty, delayed entry, a competing event, from a table of people',
  define(command) {
    command
      .requiredOption('--time <column>', 'end of observation, in any unit')
      .requiredOption('--event <column>', '1, true or yes: the event; 0, false, no, alive or censored: nothing')
      .requiredOption('--covariates <columns>', 'comma-separated; each is tested given the others', list)
      .option('--entry <column>', 'observed from here on (delayed entry), in the unit of --time')
      .option('--strata <column>', 'people are compared within these')
      .option('--by <column>', 'the incidence by the values of this column, at most four')
      .option('--event-value <value>', 'the value of the event, where it is another')
      .option('--competing <value>', 'the value of an event that makes it impossible, such as death')
      .addOption(new Option('--ties <name>', 'events at one time').choices(['efron', 'breslow']).default('efron'))
      .option('--figure <file.svg>', 'write the figure: cumulative incidence of the event, and of the competing one')
  },
  async run([table], options) {
    const { survivalTable } = await import('../../study/survival-table.ts')
    const { nodeHost } = await import('../../host/node/index.ts')
    const { installNodeKernels } = await import('../../host/node/kernels.ts')
    installNodeKernels()
    const { signal, release } = interruption()
    try {
      const found = await survivalTable(
        {
          table,
          time: String(options.time),
          event: String(options.event),
          covariates: options.covariates as string[],
          entry: options.entry as string | undefined,
          strata: options.strata as string | undefined,
          by: options.by as string | undefined,
          eventValue: options.eventValue as string | undefined,
          competing: options.competing as string | undefined,
          ties: options.ties as 'efron',
        },
        nodeHost(),
        signal,
      )
      if (typeof options.figure === 'string') {
        const { incidenceSvg } = await import('../../report/index.ts')
        const { withPath } = await import('../../host/node/files.ts')
        const path = options.figure
        const { svg } = incidenceSvg(found, {
          time: String(options.time),
          event: String(options.eventValue ?? options.event),
          competing: String(options.competing ?? ''),
          by: options.by === undefined ? null : String(options.by),
        })
        await withPath(path, () => writeFile(path, svg))
      }
      if (options.json) {
        print({ ok: true, ...found })
        return exitCode.done
      }
      // The incidence at five of its times, the last among them.
      const incidence = (steps: readonly IncidenceStep[]) =>
        steps
          .filter(
            (_, j, all) =>
              j === all.length - 1 || Math.floor((5 * j) / all.length) < Math.floor((5 * (j + 1)) / all.length),
          )
          .map(
            ({ time, atRisk, incidence: share, low, high }) =>
              `  by ${String(time).padEnd(10)} ${(100 * share).toFixed(1)}%${low === null || high === null ? '' : ` (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`}, ${atRisk} at risk`,
          )
      print(
        [
          `${found.people} people: ${found.events} with the event, ${found.competing} with the competing one, ${found.censored} with neither (${found.coding}).`,
          ...Object.entries(found.left).map(([reason, people]) => `  left out: ${people}, ${reason}`),
          ...found.columns.flatMap((one) => [
            `${one.name}: hazard ratio of one more, 95% limits`,
            line('event, Firth', one.firth),
            line('event, without penalty (Wald)', one.plain),
            ...(one.competingFirth === null ? [] : [line('competing event, Firth', one.competingFirth)]),
            ...(one.competingPlain === null ? [] : [line('competing event (Wald)', one.competingPlain)]),
            ...(one.subdistribution === null ? [] : [line('incidence, Fine and Gray', one.subdistribution)]),
          ]),
          ...(options.by === undefined
            ? [{ where: '', steps: found.incidence }]
            : found.groups.map(({ value, incidence: steps }) => ({
                where: ` where ${String(options.by)} is ${value}`,
                steps,
              }))
          ).flatMap(({ where, steps }) =>
            steps.length === 0 ? [] : [`Cumulative incidence of the event${where}:`, ...incidence(steps)],
          ),
          ...found.notes,
          'Research use only. Nothing here replaces the advice of a doctor.',
        ].join('\n'),
      )
      return exitCode.done
    } finally {
      release()
    }
  },
}
