package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// notFinite is the key under which a file names the numbers that JSON has no word for:
// they are null in their places.
const notFinite = "not_finite"

// standIn takes the place of a number that is not finite on the way to JSON.
const standIn = -1.2345678901234567e+307

// EncodeJSON writes v as one line of JSON, or with indent on several. Numbers that are
// not finite, for which JSON has no word, do not fail: they are null, and an object
// names them under the key "not_finite" with what they are.
func EncodeJSON(w io.Writer, v any, indent string) error {
	text, err := marshal(v)
	if err != nil {
		return err
	}
	if indent != "" {
		var b bytes.Buffer
		if err := json.Indent(&b, text, "", indent); err != nil {
			return err
		}
		text = b.Bytes()
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// marshal is json.Marshal, but that numbers that are not finite are null and named.
func marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	var unsupported *json.UnsupportedValueError
	if !errors.As(err, &unsupported) {
		return text, err
	}
	found := map[string]string{}
	text, err = json.Marshal(replaced(reflect.ValueOf(v), "", found).Interface())
	if err != nil {
		return nil, err
	}
	number, err := json.Marshal(standIn)
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, number, []byte("null"))
	end := bytes.LastIndexByte(text, '}')
	if end != len(text)-1 {
		return text, nil // a list has no place for names
	}
	names, err := json.Marshal(found)
	if err != nil {
		return nil, err
	}
	comma := ","
	if end > 0 && text[end-1] == '{' {
		comma = ""
	}
	return fmt.Appendf(text[:end], `%s%q:%s}`, comma, notFinite, names), nil
}

// replaced is a copy of v with stand-ins for what is not finite, which found names by
// its path.
func replaced(v reflect.Value, path string, found map[string]string) reflect.Value {
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			found[path] = strconv.FormatFloat(x, 'g', -1, 64)
			if v.Kind() == reflect.Float64 {
				return reflect.ValueOf(standIn).Convert(v.Type())
			}
			return reflect.Zero(v.Type())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			to := reflect.New(v.Type().Elem())
			to.Elem().Set(replaced(v.Elem(), path, found))
			return to
		}
	case reflect.Interface:
		if !v.IsNil() {
			return replaced(v.Elem(), path, found)
		}
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return v
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			to.Index(i).Set(replaced(v.Index(i), join(path, strconv.Itoa(i)), found))
		}
		return to
	case reflect.Array:
		to := reflect.New(v.Type()).Elem()
		for i := range v.Len() {
			to.Index(i).Set(replaced(v.Index(i), join(path, strconv.Itoa(i)), found))
		}
		return to
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeMap(v.Type())
		for entries := v.MapRange(); entries.Next(); {
			to.SetMapIndex(entries.Key(), replaced(entries.Value(), join(path, fmt.Sprint(entries.Key())), found))
		}
		return to
	case reflect.Struct:
		to := reflect.New(v.Type()).Elem()
		to.Set(v)
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				name, embedded := jsonName(field)
				if embedded {
					name = path
				} else {
					name = join(path, name)
				}
				to.Field(i).Set(replaced(v.Field(i), name, found))
			}
		}
		return to
	}
	return v
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// jsonName is the key of a field; embedded says that its own fields take its place.
func jsonName(field reflect.StructField) (name string, embedded bool) {
	name, _, _ = strings.Cut(field.Tag.Get("json"), ",")
	if name != "" {
		return name, false
	}
	return field.Name, field.Anonymous
}

// parse is ParseJSON into a pointer, with the numbers back that were not finite.
func parse(text []byte, v any) error {
	if err := ParseJSON(text, v); err != nil || !bytes.Contains(text, []byte(notFinite)) {
		return err
	}
	var named struct {
		Found map[string]string `json:"not_finite"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	paths := make([]string, 0, len(named.Found))
	for path := range named.Found {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		x, err := strconv.ParseFloat(named.Found[path], 64)
		if err == nil {
			restore(reflect.ValueOf(v), strings.Split(path, "."), x)
		}
	}
	return nil
}

// restore sets the number at a path to x, where v has such a place.
func restore(v reflect.Value, path []string, x float64) bool {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			if len(path) > 0 || !v.CanSet() {
				return false
			}
			v.Set(reflect.New(v.Type().Elem()))
		}
		return restore(v.Elem(), path, x)
	case reflect.Float64, reflect.Float32:
		if len(path) > 0 || !v.CanSet() {
			return false
		}
		v.SetFloat(x)
		return true
	case reflect.Slice, reflect.Array:
		if len(path) == 0 {
			return false
		}
		i, err := strconv.Atoi(path[0])
		return err == nil && i >= 0 && i < v.Len() && restore(v.Index(i), path[1:], x)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			name, embedded := jsonName(field)
			switch {
			case embedded:
				if restore(v.Field(i), path, x) {
					return true
				}
			case len(path) > 0 && path[0] == name:
				return restore(v.Field(i), path[1:], x)
			}
		}
	}
	return false
}
