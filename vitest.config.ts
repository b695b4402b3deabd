import { defineConfig } from "vitest/config";

// `npm test` runs the unit project; `npm run test:all` also runs the heavy one, two files at a time.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/heavy/**", "test/nightly/**"],
          testTimeout: 60_000,
          maxWorkers: 2,
          // No test changes the environment or what a module keeps: the files of a worker share the modules, which saves a fifth of the time.
          isolate: false,
        },
      },
      {
        test: {
          name: "heavy",
          include: ["test/heavy/**/*.test.ts"],
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          maxWorkers: 2,
        },
      },
      {
        // Heavy tests that have not been seen green in their present form; docs/decisions/0004-nightly.md.
        test: {
          name: "nightly",
          include: ["test/nightly/**/*.test.ts"],
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
