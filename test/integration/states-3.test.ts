import { describeStates } from '../states/describe.ts';

describeStates(['Bounded change'], { operator: { settings: { maxConcurrentChanges: 1 } } }, 'one by one');
