import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type CommandOptions, list, openOptionsOf } from './command.ts'
import { selectionGiven } from './selection.ts'

/** Options of commands that test genotypes against a table with one row a person. */
export function definePhenotypes(command: Command): Command {
  return command
    .requiredOption('--phenotypes <file>', 'table with one row a person')
    .requiredOption('--case <column>', 'who is a case: 1/2 (PLINK), 0/1, true/false, or words with --case-value')
    .option('--case-value <word>', 'the value of a case')
    .option('--id <column>', 'sample ids (default: IID, sample, id ...)')
    .option('--covariates <columns>', 'comma-separated', list, [])
    .option('--strata <column>', 'labels are redrawn within these')
}

/** What they say, and the genotypes, selection, reference, seed and level beside them. */
export function tableDesignGiven(genotypes: string, options: CommandOptions) {
  return {
    genotypes,
    open: openOptionsOf(options),
    phenotypes: String(options.phenotypes),
    caseColumn: String(options.case),
    caseValue: options.caseValue as string | undefined,
    idColumn: options.id as string | undefined,
    covariates: options.covariates as string[],
    strata: options.strata as string | undefined,
    out: resolve(String(options.out)),
    build: String(options.build),
    reference: options.reference as string | undefined,
    selection: selectionGiven(options),
    seed: Number(options.seed),
    alpha: Number(options.alpha),
  }
}
