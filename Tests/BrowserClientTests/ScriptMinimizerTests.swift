import Testing

@testable import BrowserClient

@Suite("A minimized script")
struct ScriptMinimizerTests {
    private func minimized(_ script: String, keeping kept: Set<String> = []) -> String {
        String(ScriptMinimizer.minimized(script, keeping: kept).dropLast())
    }

    @Test(
        "has no comments and no insignificant white space",
        arguments: [
            ("a(1); // why\n\n/** what */\nb(2);\n", "a(1);b(2);"),
            ("if (a) {\n  b( 1,\n    2);\n}\nc();", "if(a){b(1,2);}\nc();"),
            ("return  a", "return a"), ("typeof a", "typeof a"), ("a in b", "a in b"), ("f(a) in b", "f(a)in b"),
            ("a + +b; a - -b; a++ + b", "a+ +b;a- -b;a++ +b"), ("x\n  ? a\n  : b", "x?a:b"), ("a\n  .b()", "a.b()"),
        ])
    func whiteSpace(script: String, expected: String) {
        #expect(minimized(script) == expected)
    }

    @Test(
        "keeps a line end that may end a statement",
        arguments: ["a = b\n(c)", "return\na", "a\n++b", "a\n/b/g", "f()\n`x`", "a = b\n[c]", "a = {}\nb()"])
    func lineEnds(script: String) {
        #expect(minimized(script).contains("\n"))
    }

    @Test(
        "keeps the content of literals",
        arguments: ["'a  // b'", "\"/* _c */\"", "`  _a  // b`", "/  [/ ] {2}/g.test(x)", "`${ '  }' }  `"])
    func literals(script: String) {
        let literal = script.replacing("${ '  }' }", with: "${'  }'}")
        #expect(minimized(script) == literal)
    }

    @Test(
        "has no comma or semicolon before a closing bracket, unless it has a meaning",
        arguments: [
            ("f(a, b,)", "f(a,b)"), ("[1, 2,]", "[1,2]"), ("{ a: 1, }", "{a:1}"), ("[1,,]", "[1,,]"), ("[,]", "[,]"),
            ("{ a = 1; }", "{a=1}"), ("{ while (a()); }", "{while(a());}"), ("{ if (a) b; else; }", "{if(a)b;else;}"),
            ("for (;;) {}", "for(;;){}"),
        ])
    func lastMarks(script: String, expected: String) {
        #expect(minimized(script) == expected)
    }

    @Test(
        "has short names for private properties and for words that are always variables",
        arguments: [
            ("this._count = this._count + 1;", "this.a=this.a+1;"),
            ("list[\"_size\"] = other._size;", "list[\"a\"]=other.a;"),
            ("const total = 1; call(total, `${total} total`);", "let a=1;call(a,`${a} total`);"),
            ("class Inner {}\nnew Inner();", "class a{}\nnew a();"),
            ("call((first, ...others) => go(first, others, first));", "call((a,...b)=>go(a,b,a));"),
            ("function call(value) { return value ? value : null; }", "function b(a){return a?a:null}"),
            ("try { call(); } catch (error) { log(error); }", "try{call();}catch(a){log(a);}"),
            ("list.map((each) => each.id);", "list.map((a)=>a.id);"),
        ])
    func names(script: String, expected: String) {
        #expect(minimized(script) == expected)
    }

    @Test(
        "keeps a word that may name a property, that is not declared, or that is listed to be kept",
        arguments: [
            "let name=1;f(a.name);", "let name=1;f({name});", "let name=1;f({name:2});", "let{name}=b;f(name);",
            "class A{name(){}}\nlet name;", "f({b,name(){}});let name;", "setTimeout(callback);", "if(given){f(given)}",
            "let kept=1;f(_kept,kept);",
        ])
    func keptNames(script: String) {
        #expect(minimized(script, keeping: ["kept", "_kept"]) == script.replacing(";}", with: "}"))
    }

    @Test(
        "has shorter keywords, except as property names",
        arguments: [
            ("const a = true; b(!false);", "let a=!0;b(!!1);"), ("return true;", "return !0;"),
            ("for (const a of b) c(a);", "for(let a of b)c(a);"), ("a.true = b.const;", "a.true=b.const;"),
            ("a({ true: 1, const: 2, false() {} });", "a({true:1,const:2,false(){}});"),
            ("a ? true : false;", "a?true:!1;"), ("a(\"true\", 'const', `false`);", "a(\"true\",'const',`false`);"),
        ])
    func words(script: String, expected: String) {
        #expect(minimized(script) == expected)
    }

    @Test("never uses a name of the script or a keyword as a replacement")
    func freshNames() {
        let declarations = (0..<3000).map { "const name\($0)x=\($0);" }.joined()
        let names = minimized("f(a, b, Z, aa); " + declarations).split(separator: "let ").dropFirst().map {
            String($0.prefix { $0 != "=" })
        }
        #expect(names.count == 3000 && Set(names).count == 3000)
        #expect(Set(names).isDisjoint(with: ["a", "b", "f", "Z", "aa", "as", "do", "if", "in", "of"]))
    }

    @Test("does not change when it is minimized again")
    func idempotence() {
        let script = "class Counter {\n  add(count) { this._sum += count; }\n}\nexport { Counter };\n"
        let once = ScriptMinimizer.minimized(script, keeping: ["Counter"])
        #expect(ScriptMinimizer.minimized(once, keeping: ["Counter"]) == once)
        #expect(once.utf8.count < script.utf8.count)
    }
}
