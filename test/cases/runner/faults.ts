import type { Plan, Rule } from '../../../src/core/plan.ts';
import { abstain } from '../../../src/core/verdict.ts';
import type { Fault } from './case-file.ts';

const crash = (): never => {
  throw new TypeError('a bug that a case has put in');
};
const never = (): Promise<never> => new Promise(() => {});

/** The plan with a fault in one of its steps: of the whole plan, or of every rule. */
export function withFault(plan: Plan, { step, how }: Fault): Plan {
  const sync = how === 'throw' ? crash : () => abstain();
  const async = how === 'hang' ? never : async () => sync();
  const broken: Partial<Rule> = {
    ...(step === 'limit' ? { limitEarly: async } : {}),
    ...(step === 'identify' ? { identify: async } : {}),
    ...(step === 'authorize' ? { authorize: sync } : {}),
    ...(step === 'inspect' ? { inspect: sync } : {}),
    ...(step === 'upstream' ? { upstream: crash } : {}),
  };
  return {
    ...plan,
    guard: step === 'guard' ? sync : plan.guard,
    match: (request) => {
      if (step === 'match') crash();
      const { shadows, decides } = plan.match(request);
      const decider = 'rule' in decides ? { ...decides, rule: { ...decides.rule, ...broken } } : decides;
      return { shadows, decides: decider };
    },
  };
}
