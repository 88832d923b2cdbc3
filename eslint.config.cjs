const globals = require("globals");
const js = require("@eslint/js");

module.exports = [
    js.configs.recommended,
    {
        files: ["**/*.js"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: {
                ...globals.browser,
                luxon: "readonly",
                messenger: "readonly",
                odoo: "readonly",
            },
        },
        linterOptions: {reportUnusedDisableDirectives: "error"},
        rules: {
            "array-callback-return": "error",
            "block-scoped-var": "error",
            complexity: ["error", 16],
            curly: "error",
            "default-case-last": "error",
            "dot-notation": "error",
            eqeqeq: "error",
            "no-alert": "error",
            "no-console": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-lonely-if": "error",
            "no-new-func": "error",
            "no-return-assign": ["error", "except-parens"],
            "no-script-url": "error",
            "no-shadow": "error",
            "no-unneeded-ternary": "error",
            "no-unused-vars": [
                "error",
                {argsIgnorePattern: "^_", varsIgnorePattern: "^_"},
            ],
            "no-use-before-define": ["error", {functions: false}],
            "no-useless-rename": "error",
            "no-useless-return": "error",
            "no-var": "error",
            "object-shorthand": "error",
            "prefer-const": "error",
            "prefer-template": "error",
            radix: "error",
            yoda: "error",
        },
    },
];
