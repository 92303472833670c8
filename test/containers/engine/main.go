// What a container engine does with our files before it runs anything, by the libraries that Docker itself is made of:
//
//	engine check              what is wrong with the Dockerfile, as `docker build --check` says it
//	engine context            the files that a build is sent: what .dockerignore leaves
//	engine compose FILE...    those files, one over the other, as `docker compose config` understands them, in JSON
//
// Run in the folder of those files. It ends with 1 where something is wrong, and says what.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/opencontainers/go-digest"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	commands := map[string]func(context.Context) error{"check": check, "context": buildContext}
	if len(arguments) == 1 && commands[arguments[0]] != nil {
		return commands[arguments[0]](ctx)
	}
	if len(arguments) > 1 && arguments[0] == "compose" {
		return compose(ctx, arguments[1:])
	}
	return fmt.Errorf("usage: engine check | context | compose FILE...")
}

func check(ctx context.Context) error {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		return err
	}
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text)
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(ctx, text, dockerfile2llb.ConvertOpt{
		SourceMap:    source,
		MetaResolver: anyImage{},
	})
	if err != nil {
		return err
	}
	if results.Error != nil {
		return fmt.Errorf("%s", results.Error.Message)
	}
	for _, warning := range results.Warnings {
		fmt.Fprintf(os.Stderr, "line %d: %s: %s\n", warning.Location.Ranges[0].Start.Line, warning.RuleName, warning.Detail)
	}
	if len(results.Warnings) > 0 {
		return fmt.Errorf("the Dockerfile has %d warnings", len(results.Warnings))
	}
	return nil
}

// anyImage stands for the registry, which is not asked here: every image is there.
type anyImage struct{}

func (anyImage) ResolveImageConfig(_ context.Context, image string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := []byte(`{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/local/bin:/usr/bin:/bin"]}}`)
	return image, digest.FromBytes(config), config, nil
}

func buildContext(context.Context) error {
	file, err := os.Open(".dockerignore")
	if err != nil {
		return err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return err
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		return err
	}
	return fs.WalkDir(os.DirFS("."), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		skip, err := ignored.MatchesOrParentMatches(path)
		if err == nil && !skip && !entry.IsDir() {
			fmt.Println(path)
		}
		if err == nil && skip && (path == "node_modules" || path == ".git") && entry.IsDir() {
			return fs.SkipDir // large; nothing below is let in again
		}
		return err
	})
}

func compose(ctx context.Context, files []string) error {
	options, err := cli.NewProjectOptions(files, cli.WithOsEnv, cli.WithDotEnv)
	if err != nil {
		return err
	}
	project, err := options.LoadProject(ctx)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(project)
}
