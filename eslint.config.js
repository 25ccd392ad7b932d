'use strict';
// What Biome cannot check: js/ ships as it is and must run on Node.js 12, which has ES2019 and a little more.

const { configs } = require('eslint-plugin-es-x');

module.exports = [
  { ignores: ['**', '!js/', '!js/**'] },
  {
    files: ['js/**/*.js'],
    ...configs['flat/restrict-to-es2019'],
    languageOptions: { sourceType: 'commonjs' },
    rules: {
      ...configs['flat/restrict-to-es2019'].rules,
      // Node.js 12 has these.
      'es-x/no-bigint': 'off',
      'es-x/no-class-instance-fields': 'off',
      'es-x/no-class-private-fields': 'off',
      'es-x/no-class-static-fields': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='require'] > Literal[value=/^node:/]",
          message: "Node.js 12 cannot load 'node:' modules.",
        },
      ],
    },
  },
];
