import { expect, test } from 'vitest';
import { espalier, until } from './programs.ts';
import { eventsOf, newProject, resultsOf, temporaryFolder } from './project.ts';
import { postgres, redis } from './servers.ts';

const store = ['--store', '.espalier/store'];
const salts = Array.from({ length: 40 }, (_, i) => i); // so many that the last kill finds work left

for (const kind of [redis, postgres]) {
  const skip = kind.missing;
  test
    .skipIf(skip)
    .concurrent(
      `${kind.name}: worker, orchestrator and server are killed in turn; the study ends as on one machine${skip ? ` (${skip})` : ''}`,
      { timeout: 240_000 },
      async () => {
        const folder = temporaryFolder();
        const server = await kind.at(folder);
        await server.start();
        const environment = { ESPALIER_EXECUTOR_URL: server.url };
        const project = newProject(folder, { ms: 1000, salts });
        const worker = () => espalier(project, ['worker', ...store, '--jobs', '1'], environment);
        const orchestrator = () => espalier(project, ['run', 'study.json', '--executor', 'bullmq'], environment);
        const count = (type: string): number =>
          eventsOf(project).filter((event) => event.type === type && String(event.instance).startsWith('nap')).length;
        const workers = [worker(), worker()];
        const first = orchestrator();
        try {
          await until('two naps run', () => count('started') >= 2);
          await workers[0]!.kill();
          await until('its nap is tried again', () => count('retried') >= 1);
          workers.push(worker());
          const doneBefore = count('done');
          await until('two more are done', () => count('done') >= doneBefore + 2);
          await first.kill();
          const second = orchestrator();
          const doneThen = count('done');
          await until('it goes on', () => count('done') > doneThen);
          expect(await Promise.race([second.ended, 'still running'])).toBe('still running');
          await server.kill();
          await new Promise((resolve) => setTimeout(resolve, 1000));
          await server.start();
          expect(await second.ended, second.output()).toBe(0);
          expect(second.output()).toContain('The server of the queues does not answer');
        } finally {
          await server.kill();
        }
        const undisturbed = newProject(temporaryFolder(), { ms: 1000, salts });
        const local = espalier(undisturbed, ['run', 'study.json', '--jobs', '8'], {});
        expect(await local.ended, local.output()).toBe(0);
        expect(resultsOf(project)).toEqual(resultsOf(undisturbed));
      },
    );
}
