import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import * as circus from 'jest-circus';
import { expect } from 'expect';
import { collectTests, failureOf, type LoadedTest } from './loaded-tests.ts';

declare global {
  var __stryker__: InstrumenterContext | undefined;
}

/** What Stryker's instrumented code reads and writes. */
const context: InstrumenterContext = (globalThis.__stryker__ ??= {});

/** Those of the folder that is mutated: what another folder's tests notice by the way is no test of it. */
const TESTS = `test/unit/${process.env.AUDIT_POLICY_MUTATION_FOLDER ?? '{api,policy,plan}'}/**/*.test.ts`;
/** It measures time. */
const PASSED_OVER_FILES = [/decode-hostile\.test\.ts$/];
/** It starts processes, which never see a mutant. */
const PASSED_OVER_TESTS = [/^the runner › the command ends with the counts/];
const FAST_CHECK = pathToFileURL(join(import.meta.dirname, 'fast-check.mjs')).href;

/**
 * Runs jest's tests without jest: all test files are loaded once, into this process, and each mutant is switched on
 * for the tests that reach it, which takes milliseconds where jest takes a second and a half. What jest's sandbox would give is
 * given here: a module graph of its own, made anew whenever a mutant was active while it loaded or left something behind.
 */
class InProcessRunner implements TestRunner {
  #tests: readonly LoadedTest[] = [];
  /** The graph was loaded, or is marked, by no mutant. */
  #isClean = false;
  #loads = 0;
  /** How long each test took the last time, in milliseconds. */
  readonly #costs = new Map<string, number>();

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  init(): Promise<void> {
    Object.assign(globalThis, { ...circus, expect });
    const root = pathToFileURL(`${resolve('.')}/`).href;
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === 'fast-check') return { url: FAST_CHECK, shortCircuit: true };
        const found = next(specifier, context);
        const isOurs = found.url.startsWith(root) && /\/(src|test|tools)\//.test(found.url);
        return isOurs ? { ...found, url: `${found.url}?load=${this.#loads}` } : found;
      },
    });
    return Promise.resolve();
  }

  async dryRun(): Promise<DryRunResult> {
    await this.#load();
    const tests: TestResult[] = [];
    for (const test of this.#tests) {
      context.currentTestId = test.id;
      const started = performance.now();
      const failure = await failureOf(test);
      const timeSpentMs = performance.now() - started;
      this.#costs.set(test.id, timeSpentMs);
      const common = { id: test.id, name: test.id, timeSpentMs };
      tests.push(
        failure === undefined
          ? { ...common, status: TestStatus.Success }
          : { ...common, status: TestStatus.Failed, failureMessage: failure },
      );
    }
    delete context.currentTestId;
    const { mutantCoverage } = context;
    return { status: DryRunStatus.Complete, tests, ...(mutantCoverage ? { mutantCoverage } : {}) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const isStatic = options.mutantActivation === 'static';
    if (isStatic) {
      this.#activate(options);
      await this.#load();
      this.#isClean = false;
    } else if (!this.#isClean) await this.#load();

    const outcome = await this.#run(options);
    if (isStatic || outcome.status !== MutantRunStatus.Killed) return outcome;
    const killer = this.#tests.find(({ id }) => id === outcome.killedBy[0]);
    if (killer !== undefined && (await failureOf(killer)) === undefined) return outcome;
    // It fails without the mutant, too: a cache still holds what this one, or one before it, has put there.
    await this.#load();
    const again = await this.#run(options);
    this.#isClean = false;
    return again;
  }

  /** Runs the tests that reach the mutant, quick ones first, until one fails. */
  async #run(options: MutantRunOptions): Promise<MutantRunResult> {
    const filter = options.testFilter && new Set(options.testFilter);
    const tests = this.#tests
      .filter(({ id }) => filter === undefined || filter.has(id))
      .toSorted((a, b) => (this.#costs.get(a.id) ?? 0) - (this.#costs.get(b.id) ?? 0));
    this.#activate(options);
    let nrOfTests = 0;
    try {
      for (const test of tests) {
        nrOfTests++;
        const started = performance.now();
        const failure = await failureOf(test);
        this.#costs.set(test.id, performance.now() - started);
        const { hitCount } = context;
        const timedOut = determineHitLimitReached(hitCount, options.hitLimit);
        if (timedOut)
          return { status: MutantRunStatus.Timeout, ...(timedOut.reason ? { reason: timedOut.reason } : {}) };
        if (failure !== undefined)
          return { status: MutantRunStatus.Killed, killedBy: [test.id], failureMessage: failure, nrOfTests };
      }
      return { status: MutantRunStatus.Survived, nrOfTests };
    } finally {
      delete context.activeMutant;
    }
  }

  #activate({ activeMutant, hitLimit }: MutantRunOptions): void {
    context.activeMutant = activeMutant.id;
    delete context.hitCount;
    delete context.hitLimit;
    if (hitLimit !== undefined) Object.assign(context, { hitCount: 0, hitLimit });
  }

  async #load(): Promise<void> {
    this.#loads++;
    circus.resetState();
    const files = globSync(TESTS)
      .filter((file) => !PASSED_OVER_FILES.some((pattern) => pattern.test(file)))
      .sort();
    const failures: string[] = [];
    for (const file of files) {
      await import(pathToFileURL(resolve(file)).href).catch((error: unknown) => {
        failures.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    this.#tests = collectTests(failures).filter(
      ({ id }) => !PASSED_OVER_TESTS.some((pattern) => pattern.test(id)),
    );
    this.#isClean = true;
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
