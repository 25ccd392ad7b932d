'use strict';
// Checks that js/, which is published as it is, has only syntax and built-in objects of Node.js 12: ES2019 and the
// exceptions below. Biome has no such rule.

const { configs } = require('eslint-plugin-es-x');

module.exports = [
  { ignores: ['**', '!js/', '!js/**'] },
  {
    files: ['js/**/*.js'],
    ...configs['flat/restrict-to-es2019'],
    languageOptions: { sourceType: 'commonjs' },
    rules: {
      ...configs['flat/restrict-to-es2019'].rules,
      // Newer than ES2019, but Node.js 12 has them.
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
